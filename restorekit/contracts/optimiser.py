"""Optimisers and schedules: how weights are changed, and how fast."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


class Optimiser(ABC):
    """A rule by which a network's weights follow their gradient."""

    lr: float
    """The learning rate; a stage may set another."""

    @abstractmethod
    def build(self, module: nn.Module, *, fused: bool = False) -> Optimizer:
        """Return the optimiser of a module's weights.

        Args:
            module: Whose weights it changes.
            fused: Whether one kernel is to change them all, where there is such a one.

        Raises:
            RestorekitError: It cannot be made as its fields say.
        """


class Schedule(ABC):
    """How the learning rate changes over a stage."""

    @abstractmethod
    def factor(self, step: int, steps: int) -> float:
        """Return what the stage's rate is multiplied by.

        Args:
            step: Steps taken in the stage, from 0.
            steps: The stage's length.
        """
