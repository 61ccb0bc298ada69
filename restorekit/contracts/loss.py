"""Losses: the terms of an objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from restorekit.contracts.batch import Batch

if TYPE_CHECKING:
    from torch import Tensor, nn

Criterion = Callable[["Tensor", "Tensor", Batch], "Tensor"]
"""What compares a prediction with its target: N,C,H,W and N,C,H,W to a scalar, averaged over the batch."""


class Loss:
    """A term of the objective."""

    def build(self) -> Criterion:
        """Return what computes the loss; called once, before training.

        One that looks through a network returns a module that holds it, which the core moves to the device. By default
        the loss itself, which then has ``__call__``.

        Raises:
            RestorekitError: What it needs cannot be fetched.
        """
        return self

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W; return a scalar, averaged over the batch."""
        raise NotImplementedError(f"{type(self).__name__} has neither __call__ nor build")


class AdversarialLoss(ABC):
    """A game against a discriminator; the training loop owns both optimisers.

    Where a recipe trains in bf16 the discriminator's outputs are bf16, too; ``.float()`` before they are averaged.
    """

    @abstractmethod
    def build(self, channels: int, size: int) -> nn.Module:
        """Return a discriminator for N,channels,size,size."""

    @abstractmethod
    def discriminator_loss(
        self, discriminator: nn.Module, real: Tensor, fake: Tensor, batch: Batch
    ) -> Tensor:
        """Return the scalar that the discriminator minimises; ``fake`` is detached."""

    @abstractmethod
    def generator_loss(self, discriminator: nn.Module, fake: Tensor, batch: Batch) -> Tensor:
        """Return the scalar that the generator minimises."""
