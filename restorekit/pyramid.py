"""The one pyramid, for inputs and targets alike: reduce the image first, encode it then.

The reverse order differs by a factor near two for gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def pyramid(images: Tensor, scales: int) -> list[Tensor]:
    """Reduce images to ``scales`` sizes, each half of the next, by antialiased bicubic interpolation.

    Args:
        images: N,3,H,W float32 in [0, 1]; H and W divisible by ``2 ** (scales - 1)``.
        scales: How many, at least 1.

    Returns:
        The images at each scale, coarsest first; the last is ``images`` itself.
    """
    from torch.nn.functional import interpolate

    levels = [images]
    height, width = images.shape[-2:]
    for level in range(1, scales):
        size = (height // 2**level, width // 2**level)
        levels.insert(0, interpolate(images, size=size, mode="bicubic", antialias=True, align_corners=False))
    return levels
