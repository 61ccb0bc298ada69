"""The torch module of the network; imported only when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, relu

from restorekit import Outputs

if TYPE_CHECKING:
    from restorekit_nah2017.network import Nah2017


class Generator(nn.Module):
    """Maps ``{"image": [coarse ... fine]}`` to the same; ``Nah2017`` documents it."""

    def __init__(self, spec: Nah2017) -> None:
        super().__init__()
        self.levels = spec.levels
        self.bodies = nn.ModuleList(Body(spec, 6 if scale else 3) for scale in range(spec.scales))
        self.up = nn.ModuleList(convolution(3, 12) for _ in range(spec.scales - 1))

    def forward(self, inputs: Outputs) -> Outputs:
        """Restore every scale, coarse first, each from its picture and the result of the scale below."""
        return {task: self.restored(levels) for task, levels in inputs.items()}

    def restored(self, pictures: list[Tensor]) -> list[Tensor]:
        """Map N,3,H,W of each scale, coarsest first, to the same."""
        found: list[Tensor] = []
        for scale, (picture, body) in enumerate(zip(pictures, self.bodies, strict=True)):
            x = (picture - 0.5) * self.levels
            if scale:
                x = torch.cat((x, pixel_shuffle(self.up[scale - 1](found[-1]), 2)), dim=1)
            found.append(body(x))
        return [each / self.levels + 0.5 for each in found]


class Body(nn.Module):
    """One scale: a convolution, the blocks, a convolution."""

    def __init__(self, spec: Nah2017, inputs: int) -> None:
        super().__init__()
        self.start = convolution(inputs, spec.channels)
        self.blocks = nn.Sequential(*(Block(spec.channels) for _ in range(spec.blocks)))
        self.end = convolution(spec.channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,3,H,W or N,6,H,W to N,3,H,W, all around zero."""
        return self.end(self.blocks(self.start(x)))


class Block(nn.Module):
    """``x + conv(ReLU(conv(x)))``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = convolution(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,width,H,W to the same."""
        return x + self.second(relu(self.first(x)))


def convolution(inputs: int, outputs: int) -> nn.Conv2d:
    """Return a 5x5 convolution that keeps the size, with zeros around the picture."""
    return nn.Conv2d(inputs, outputs, 5, padding=2)
