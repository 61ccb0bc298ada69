"""The game against a discriminator: its step leaves the generator alone, and the generator's step leaves it alone."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from restorekit.contracts import AdversarialLoss, Outputs
from restorekit.recipe.build import Term
from restorekit.training.objective import Levels
from restorekit.training.optim import make_optimizer

if TYPE_CHECKING:
    from accelerate import Accelerator
    from torch import Tensor, nn


class Adversary:
    """One adversarial term with its discriminator and optimiser.

    Args:
        term: The term of the recipe.
        channels: Channels of what it judges.
        size: Side of what it judges, pixels.
        accelerator: Places module and optimiser.
    """

    def __init__(self, term: Term, channels: int, size: int, accelerator: Accelerator) -> None:
        self.term = term
        self.loss = cast(AdversarialLoss, term.loss)
        self.weight = cast(float, term.weight)  # a recipe must state it
        (self.task,) = term.tasks
        self.accelerator = accelerator
        module = self.loss.build(channels, size)
        self.module, self.optimizer = accelerator.prepare(module, make_optimizer(module, term.optim))

    def _sides(self, outputs: Outputs, levels: Levels) -> tuple[Tensor, Tensor, Any]:
        batch = dataclasses.replace(levels.batches[-1], task=self.task)
        return levels.targets[self.task][-1], outputs[self.task][-1], batch

    def step(self, outputs: Outputs, levels: Levels) -> Tensor:
        """Take one step of the discriminator; return its loss."""
        real, fake, batch = self._sides(outputs, levels)
        with self.accelerator.autocast():
            loss = self.loss.discriminator_loss(self.module, real, fake.detach(), batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        self.optimizer.step()
        return loss.detach()

    def generator_term(self, outputs: Outputs, levels: Levels) -> Tensor:
        """Return the generator's weighted loss."""
        _, fake, batch = self._sides(outputs, levels)
        with _untouched(self.module):
            return self.weight * self.loss.generator_loss(self.module, fake, batch)


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
