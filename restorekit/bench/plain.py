"""What training is measured against: the loop that one writes first, in fp32 and with nothing tuned."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from restorekit.contracts import AdversarialLoss, Outputs
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import RawBatch
from restorekit.recipe import Recipe, Term
from restorekit.training.objective import Levels, build_criteria, content_terms, encode
from restorekit.training.optim import Rates
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

        self._recipe, stage = recipe, span.stage
        self._stage, self._device, self._clip = stage, device, recipe.optim.clip
        self._terms = [term for term in self._recipe.terms if term.name in stage.losses]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self._module = self._recipe.network.build(self._recipe.tasks).to(device)
            self._players = [
                (term, self._discriminator(term, recipe.data.size))
                for term in self._terms
                if term.adversarial
            ]
            self._criteria = build_criteria(self._terms, device)
        self._optimizer = recipe.optim.optimiser.build(self._module)
        self._rates, self._taken = Rates(self._optimizer, stage, recipe.optim.warmup), 0
        self._optimizers = [term.optimiser.build(module) for term, module in self._players]

    def _discriminator(self, term: Term, size: int) -> nn.Module:
        loss = cast(AdversarialLoss, term.loss)
        return loss.build(self._recipe.tasks[term.tasks[0]].channels, size).to(self._device)

    def step(self, drawn: RawBatch) -> Tensor:
        """Take one step; return the generator's objective."""
        from torch.nn.utils import clip_grad_norm_

        batch = degrade(drawn, self._stage.degradations, self._device)
        draws = to_device(drawn.draws, self._device)
        levels = encode(batch, self._recipe.tasks, draws, self._recipe.network.scales)
        outputs = self._module(levels.inputs)
        losses = content_terms(outputs, levels, self._terms, self._criteria)
        for (term, module), optimizer in zip(self._players, self._optimizers, strict=True):
            losses[term.name] = self._play(term, module, optimizer, outputs, levels)
        self._rates.set(self._taken)
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
