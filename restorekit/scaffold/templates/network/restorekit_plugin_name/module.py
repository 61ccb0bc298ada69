"""The torch side of the network, imported when it is built: so that ``restorekit list`` need not wait for torch."""

from collections.abc import Mapping

import torch
from torch import nn


class Block(nn.Module):
    """A residual block, ``x + conv(relu(conv(x)))``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map N,width,H,W to the same."""
        change: torch.Tensor = self.second(self.first(x).relu())
        return x + change


class CoarseToFine(nn.Module):
    """Predicts what to change at each scale.

    Args:
        channels: For each task, how many channels it has.
        width: Channels of every inner convolution.
        blocks: How many residual blocks.
    """

    def __init__(self, channels: Mapping[str, int], width: int, blocks: int) -> None:
        super().__init__()
        self.first = nn.ModuleDict({task: nn.Conv2d(n, width, 3, padding=1) for task, n in channels.items()})
        self.trunk = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.last = nn.ModuleDict({task: nn.Conv2d(width, n, 3, padding=1) for task, n in channels.items()})
        for convolution in self.last.values():
            for parameter in convolution.parameters():
                nn.init.zeros_(parameter)  # untrained, it returns what it is given

    def forward(self, inputs: dict[str, list[torch.Tensor]]) -> dict[str, list[torch.Tensor]]:
        """Map {task: [coarse, fine]} to the same, for the tasks given."""
        return {task: self.restore(task, levels) for task, levels in inputs.items()}

    def restore(self, task: str, levels: list[torch.Tensor]) -> list[torch.Tensor]:
        """Restore one task's levels, coarse first."""
        outputs = []
        change = torch.zeros_like(levels[0])
        for level in levels:
            change = nn.functional.interpolate(change, size=level.shape[-2:])  # nothing to do at the coarsest
            change = change + self.last[task](self.trunk(self.first[task](level + change)))
            outputs.append(level + change)
        return outputs
