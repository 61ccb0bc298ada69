"""The game against a discriminator: its step leaves the generator alone, and the generator's step leaves it alone."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from restorekit.contracts import AdversarialLoss, Outputs
from restorekit.device import memory_format
from restorekit.recipe.build import Term
from restorekit.training.guard import Guarded
from restorekit.training.objective import Levels
from restorekit.training.optim import make_optimizer
from restorekit.training.processes import Processes

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from torch import Tensor, nn


class Adversary:
    """One adversarial term with its discriminator and optimiser.

    Args:
        term: The term of the recipe.
        channels: Channels of what it judges.
        size: Side of what it judges, pixels.
        accelerator: Places module and optimiser.
        processes: Who trains it together.
    """

    def __init__(
        self, term: Term, channels: int, size: int, accelerator: Accelerator, processes: Processes
    ) -> None:
        self.term = term
        self.loss = cast(AdversarialLoss, term.loss)
        self.weight = cast(float, term.weight)  # a recipe must state it
        (self.task,) = term.tasks
        self.accelerator = accelerator
        module = self.loss.build(channels, size).to(memory_format=memory_format(accelerator.device))
        module = synchronised(module, accelerator.device, processes)
        self._shared, self.optimizer = accelerator.prepare(module, make_optimizer(module, term.optim))
        self.module: nn.Module = accelerator.unwrap_model(self._shared)
        self._guarded = Guarded(self.module, self.optimizer, processes)

    def _sides(self, outputs: Outputs, levels: Levels) -> tuple[Tensor, Tensor, Any]:
        batch = dataclasses.replace(levels.batches[-1], task=self.task)
        return levels.targets[self.task][-1], outputs[self.task][-1], batch

    def step(self, outputs: Outputs, levels: Levels) -> tuple[Tensor, Tensor]:
        """Take one step of the discriminator; return its loss, and whether the step was left out."""
        real, fake, batch = self._sides(outputs, levels)
        self._guarded.begin()
        with self.accelerator.autocast():
            loss = self.loss.discriminator_loss(self._shared, real, fake.detach(), batch)
        self.accelerator.backward(loss)
        _, left_out = self._guarded.step(loss)
        return loss.detach(), left_out

    def generator_term(self, outputs: Outputs, levels: Levels) -> Tensor:
        """Return the generator's weighted loss."""
        _, fake, batch = self._sides(outputs, levels)
        with _untouched(self.module):
            return self.weight * self.loss.generator_loss(self.module, fake, batch)


def synchronised(module: nn.Module, device: torch.device, processes: Processes) -> nn.Module:
    """Let batch norms see the whole batch of several processes, where torch can: on GPUs."""
    from torch import nn

    if processes.count > 1 and device.type == "cuda":
        synchronised: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
        return synchronised
    return module


@contextlib.contextmanager
def _untouched(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through ``module`` while neither its weights nor its running statistics take any."""
    from torch.nn.modules.batchnorm import _NormBase

    norms = [m for m in module.modules() if isinstance(m, _NormBase) and m.track_running_stats]
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    _set(learning, norms, False)
    try:
        yield
    finally:
        _set(learning, norms, True)


def _set(parameters: Iterable[nn.Parameter], norms: Iterable[Any], learning: bool) -> None:
    for parameter in parameters:
        parameter.requires_grad_(learning)
    for norm in norms:
        norm.track_running_stats = learning
