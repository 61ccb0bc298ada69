"""What training is measured against: the loop that one writes first, in fp32 and with nothing tuned."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from restorekit.contracts import AdversarialLoss, Outputs
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import RawBatch
from restorekit.recipe import Recipe
from restorekit.recipe.build import Term
from restorekit.training.objective import Levels, build_criteria, content_terms, encode
from restorekit.training.optim import make_optimizer, stage_schedule
from restorekit.training.spans import Span

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class PlainLoop:
    """One stage of a recipe as a plain loop: the same network from the same start, losses, optimisers and batches.

    fp32, the ordinary memory layout, no compilation, no fused optimiser, no averaged weights; no norms and no guard.

    Args:
        recipe: What to train, with a weight for each loss.
        span: The stage.
        device: Where.
    """

    def __init__(self, recipe: Recipe, span: Span, device: torch.device) -> None:
        import torch

        settings, self._parts, stage = recipe.settings, recipe.parts, span.stage
        self._stage, self._device, self._clip = stage, device, settings.optim.clip
        self._terms = [term for term in self._parts.terms if term.name in stage.losses]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self._module = self._parts.network.build(self._parts.tasks).to(device)
            self._players = [
                (term, self._discriminator(term, settings.data.size))
                for term in self._terms
                if term.adversarial
            ]
            self._criteria = build_criteria(self._terms, device)
        self._optimizer = make_optimizer(self._module, settings.optim, fused=False)
        self._schedule, self._taken = stage_schedule(self._optimizer, stage, settings.optim.warmup), 0
        self._optimizers = [make_optimizer(module, term.optim, fused=False) for term, module in self._players]

    def _discriminator(self, term: Term, size: int) -> nn.Module:
        loss = cast(AdversarialLoss, term.loss)
        return loss.build(self._parts.tasks[term.tasks[0]].channels, size).to(self._device)

    def step(self, drawn: RawBatch) -> Tensor:
        """Take one step; return the generator's objective."""
        from torch.nn.utils import clip_grad_norm_

        batch = degrade(drawn, self._stage.degradations, self._device)
        draws = to_device(drawn.draws, self._device)
        levels = encode(batch, self._parts.tasks, draws, self._parts.network.scales)
        outputs = self._module(levels.inputs)
        losses = content_terms(outputs, levels, self._terms, self._criteria)
        for (term, module), optimizer in zip(self._players, self._optimizers, strict=True):
            losses[term.name] = self._play(term, module, optimizer, outputs, levels)
        self._schedule.step_update(self._taken)
        self._taken += 1
        self._optimizer.zero_grad()
        objective: Tensor = cast("Tensor", sum(losses.values()))
        objective.backward()
        if self._clip:
            clip_grad_norm_(self._module.parameters(), self._clip)
        self._optimizer.step()
        return objective.detach()

    def _play(
        self, term: Term, module: nn.Module, optimizer: Any, outputs: Outputs, levels: Levels
    ) -> Tensor:
        """Take the discriminator's step; return the generator's weighted loss against it."""
        (task,), loss = term.tasks, cast(AdversarialLoss, term.loss)
        real, fake = levels.targets[task][-1], outputs[task][-1]
        batch = dataclasses.replace(levels.batches[-1], task=task)
        optimizer.zero_grad()
        loss.discriminator_loss(module, real, fake.detach(), batch).backward()
        optimizer.step()
        return cast(float, term.weight) * loss.generator_loss(module, fake, batch)
