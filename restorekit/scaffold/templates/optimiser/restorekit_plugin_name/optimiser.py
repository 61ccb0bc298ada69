"""The optimiser ``plugin_name``: for a start, descent by the gradient's sign. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import restorekit

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


@dataclass(frozen=True)
class PluginName(restorekit.Optimiser):
    """Steps of the same length in every weight, against the sign of its mean gradient (signum).

    Attributes:
        lr: Length of a step; above 0.
        momentum: Decay of the mean, from 0 up to 1.

    Raises:
        ValueError: If one of them is out of its range.
    """

    lr: float = 1e-4
    momentum: float = 0.9

    def __post_init__(self) -> None:
        if not self.lr > 0 or not 0 <= self.momentum < 1:
            raise ValueError(f"lr must be above 0 and momentum in [0, 1), not {self.lr} and {self.momentum}")

    def build(self, module: nn.Module, *, fused: bool = False) -> Optimizer:
        """Return the optimiser of a module's weights."""
        from restorekit_plugin_name.module import Signum

        return Signum(module.parameters(), self.lr, self.momentum)
