"""Kernels at the scales of a pyramid: a kernel of a picture half as large spans half as many pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def coarser(size: int) -> int:
    """Return the side, odd, of a kernel of ``size`` pixels seen at half the size."""
    return 2 * -(-(size // 2) // 2) + 1


def sizes(size: int, scales: int) -> list[int]:
    """Return the sides of a kernel at each scale, the coarsest first; the last is ``size``."""
    sides = [size]
    for _ in range(scales - 1):
        sides.insert(0, coarser(sides[0]))
    return sides


def fit(kernels: Tensor, size: int) -> Tensor:
    """Pad N,1,K,K about its middle to ``size``, or cut it down to that; K and ``size`` odd."""
    from torch.nn.functional import pad

    border = (size - kernels.shape[-1]) // 2
    return pad(kernels, (border, border, border, border))


def reduce(kernels: Tensor) -> Tensor:
    """Return N,1,K,K as it acts on pictures of half the size: N,1,k,k with k = ``coarser(K)``.

    Every value goes to its place at half the distance from the middle, split linearly between the pixels around
    it: sum and centroid are kept.
    """
    import torch
    from torch.nn.functional import conv2d

    size = kernels.shape[-1]
    wide = fit(kernels, 2 * coarser(size) + 1)  # an odd border on each side of every second pixel
    tent = torch.tensor([0.5, 1.0, 0.5], dtype=kernels.dtype, device=kernels.device)
    return conv2d(wide, torch.outer(tent, tent)[None, None], stride=2)


def enlarge(kernels: Tensor, size: int) -> Tensor:
    """Return N,1,K,K as it acts on pictures twice as large: N,1,size,size of sum 1, linearly interpolated."""
    from torch.nn.functional import interpolate

    side = 2 * kernels.shape[-1] - 1
    wide = interpolate(kernels, size=(side, side), mode="bilinear", align_corners=True)
    fitted = fit(wide, size)
    return fitted / fitted.sum(dim=(2, 3), keepdim=True).clamp_min(1e-6)
