"""The game against a discriminator: its step leaves the generator alone, and the generator's step leaves it alone."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from restorekit.contracts import AdversarialLoss, Outputs
from restorekit.recipe import Term
from restorekit.training.compute import Compute
from restorekit.training.learner import Learner, untouched
from restorekit.training.objective import Levels

if TYPE_CHECKING:
    from torch import Tensor


class Adversary:
    """One adversarial term with its discriminator and optimiser.

    Args:
        term: The term of the recipe.
        channels: Channels of what it judges.
        size: Side of what it judges, pixels.
        compute: Where it is computed.

    Attributes:
        verdict: What the log calls the discriminator's loss.
    """

    def __init__(self, term: Term, channels: int, size: int, compute: Compute) -> None:
        self.term = term
        self.loss = cast(AdversarialLoss, term.loss)
        self.weight = cast(float, term.weight)  # a recipe must state it
        (self.task,) = term.tasks
        self.verdict = f"{term.name}/discriminator"
        self._compute = compute
        module = compute.place(self.loss.build(channels, size))
        self.learner = Learner(module, term.optimiser.build(module, fused=True), compute.processes)
        self.module, self.optimizer = self.learner.module, self.learner.optimizer

    def _sides(self, outputs: Outputs, levels: Levels) -> tuple[Tensor, Tensor, Any]:
        batch = dataclasses.replace(levels.batches[-1], task=self.task)
        return levels.targets[self.task][-1], outputs[self.task][-1], batch

    def learn(self, outputs: Outputs, levels: Levels, share: float = 1.0, *, last: bool = True) -> Tensor:
        """Add the gradient of a part of the batch to the discriminator's.

        Args:
            outputs: What the generator gave for it.
            levels: The part.
            share: How much of the batch it is.
            last: Whether it is the last part.

        Returns:
            What it adds to the discriminator's loss.
        """
        real, fake, batch = self._sides(outputs, levels)
        with self.learner.part(last):
            with self._compute.autocast():
                loss = self.loss.discriminator_loss(self.learner.shared, real, fake.detach(), batch) * share
            loss.backward()
        return loss.detach()

    def generator_term(self, outputs: Outputs, levels: Levels) -> Tensor:
        """Return the generator's weighted loss."""
        _, fake, batch = self._sides(outputs, levels)
        with untouched(self.module):
            return self.weight * self.loss.generator_loss(self.module, fake, batch)
