"""The torch module of ``face_finder``; imported only when it is built."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorekit import Outputs
from restorekit_faces.finder.maps import CHANNELS

RARE = 0.01
"""What the network takes for the chance that a cell is a face's middle before it has learnt anything."""


class Block(nn.Module):
    """Residual block ``x + conv(ReLU(conv(x)))``, at first the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,width,H,W to the same."""
        return x + self.second(functional.relu(self.first(x)))


class FinderModule(nn.Module):
    """Maps of faces from pictures; ``FaceFinder`` documents the arguments."""

    def __init__(self, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        self.start = nn.Conv2d(3, widths[0], 6, stride=4, padding=1)
        self.quarter = nn.Sequential(*(Block(widths[0]) for _ in range(blocks[0])))
        self.down = nn.Conv2d(widths[0], widths[1], 3, stride=2, padding=1)
        self.eighth = nn.Sequential(*(Block(widths[1]) for _ in range(blocks[1])))
        self.head = nn.Conv2d(widths[1], CHANNELS, 1)
        with torch.no_grad():
            self.head.bias[0] = math.log(RARE / (1 - RARE))

    def forward(self, inputs: Outputs) -> Outputs:
        """Map ``{task: [N,3,H,W]}`` to maps for ``face_maps``, to the same for ``image``."""
        return {
            task: [self.maps(level) if task == "face_maps" else level for level in levels]
            for task, levels in inputs.items()
        }

    def maps(self, images: Tensor) -> Tensor:
        """Map N,3,H,W in [0, 1] to N,12,H/8,W/8."""
        found = self.quarter(functional.relu(self.start(images - 0.5)))
        found = self.eighth(functional.relu(self.down(found)))
        maps: Tensor = self.head(functional.relu(found))
        return maps
