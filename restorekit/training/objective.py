"""The objective: tasks x scales x losses, by name and weight."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.contracts import Batch, Criterion, Loss, Outputs, Task
from restorekit.pyramid import pyramid
from restorekit.recipe import Recipe, Term

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Levels:
    """A batch at every scale: what the network sees, and what each task should predict."""

    batches: list[Batch]
    inputs: Outputs
    targets: Outputs


def encode(
    batch: Batch, tasks: Mapping[str, Task], draws: Mapping[str, Mapping[str, Tensor]], scales: int
) -> Levels:
    """Reduce a batch to each scale, then encode it for each task."""
    pairs = zip(pyramid(batch.sharp, scales), pyramid(batch.degraded, scales), strict=True)
    batches = [
        dataclasses.replace(batch, sharp=sharp, degraded=degraded, scale=scale, halvings=scales - 1 - scale)
        for scale, (sharp, degraded) in enumerate(pairs)
    ]
    inputs: Outputs = {}
    targets: Outputs = {}
    for name, task in tasks.items():
        inputs[name] = [task.encode(level.degraded, **draws[name]) for level in batches]
        targets[name] = [
            task.target(dataclasses.replace(level, task=name), **draws[name]) for level in batches
        ]
    return Levels(batches, inputs, targets)


def output_norms(losses: Mapping[str, Tensor], outputs: Outputs) -> dict[str, Tensor]:
    """Return the norm of each term's gradient with respect to the output that it judges: how hard it pulls there.

    It takes no further pass through the network, as the gradients of its weights would, term by term.

    Args:
        losses: The terms, as ``loss/task/scale``, or ``loss/task`` at the finest scale; their graph stays.
        outputs: What the network gave.
    """
    import torch

    norms = {}
    for key, value in losses.items():
        _, task, *scale = key.split("/")
        output = outputs[task][int(scale[0]) if scale else -1]
        (gradient,) = torch.autograd.grad(value, output, retain_graph=True, materialize_grads=True)
        norms[key] = torch.linalg.vector_norm(gradient)
    return norms


def some_unused(recipe: Recipe) -> bool:
    """Whether a stage leaves some weights without a gradient: frozen ones, or what leads to outputs without a loss."""
    scales = recipe.network.scales
    outputs = {(task, scale) for task in recipe.tasks for scale in range(scales)}
    return any(
        stage.freeze or outputs - judged([term for term in recipe.terms if term.name in stage.losses], scales)
        for stage in recipe.stages
    )


def judged(terms: Iterable[Term], scales: int) -> set[tuple[str, int]]:
    """Return the outputs (task and scale) that some term judges."""
    return {
        (task, scale)
        for term in terms
        for task in term.tasks
        for scale in range(scales - 1 if term.finest_only else 0, scales)
    }


def build_criteria(terms: Iterable[Term], device: torch.device) -> dict[str, Criterion]:
    """Build what computes each loss that compares with the sharp image, by name, on the device.

    Raises:
        RestorekitError: What one needs cannot be fetched.
    """
    from torch import nn

    built = {term.name: term.loss.build() for term in terms if isinstance(term.loss, Loss)}
    return {name: each.to(device) if isinstance(each, nn.Module) else each for name, each in built.items()}


def content_terms(
    outputs: Outputs, levels: Levels, terms: Iterable[Term], criteria: Mapping[str, Criterion]
) -> dict[str, Tensor]:
    """Return each term that compares with the sharp image, as ``loss/task/scale``, times its weight (1 if None).

    Scales count equally and are summed, as the paper has it (Shen et al. 2019, section 3.2).
    """
    found: dict[str, Tensor] = {}
    for term in terms:
        if term.name not in criteria:
            continue
        for task in term.tasks:
            finest = len(outputs[task]) - 1
            for scale in range(finest if term.finest_only else 0, finest + 1):
                batch = dataclasses.replace(levels.batches[scale], task=task)
                value = criteria[term.name](outputs[task][scale], levels.targets[task][scale], batch)
                found[f"{term.name}/{task}/{scale}"] = value if term.weight is None else term.weight * value
    return found
