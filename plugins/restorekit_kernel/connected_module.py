"""A kernel's estimate by a fully connected layer: what the quotient is compared with."""

from __future__ import annotations

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253

CELLS = 8
"""Cells along each side of a picture, whatever its size."""


class FullyConnected(nn.Module):
    """One fully connected layer from what a picture shows in 8 x 8 cells to a rough kernel.

    In each cell it sees the mean of every sharp feature, and of the magnitude of every blurred one, which is zero
    itself in the mean; all normalised together, so that contrast does not count.

    Args:
        features: How many sharp features there are, and blurred ones.
        size: Side of the kernel at the finest scale in pixels.
    """

    maps = 1

    def __init__(self, features: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.layer = nn.Linear(2 * features * CELLS**2, size**2)

    def forward(self, blurred: Tensor, sharp: Tensor, size: int) -> Tensor:
        """Map two N,C,H,W to N,1,size,size; at a coarser scale it is the finest scale's, reduced."""
        seen = torch.cat([blurred.abs(), sharp], dim=1)
        means = (_cells(seen.shape[-2], seen) @ seen @ _cells(seen.shape[-1], seen).mT).flatten(1)
        means = functional.layer_norm(means, means.shape[1:])
        rough = functional.linear(means, self.layer.weight.float(), self.layer.bias.float())
        rough = rough.unflatten(1, (1, self.size, self.size))
        if size == self.size:
            return rough
        return functional.interpolate(rough, (size, size), mode="bilinear", align_corners=False)


def _cells(size: int, like: Tensor) -> Tensor:
    """Return which cell each pixel is in, as weights of a mean: CELLS,size."""
    at = torch.arange(size, device=like.device)
    cell = at * CELLS // (at[-1:] + 1)  # a tensor, as in a graph a size is no number to divide by
    among = (cell == torch.arange(CELLS, device=like.device)[:, None]).to(like.dtype)
    return among / among.sum(dim=1, keepdim=True).clamp_min(1)
