"""Convolution in float64 that gives the same bits on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit.contracts import Array


def convolve(image: Array, kernel: Array) -> Array:
    """Convolve each channel with a kernel, flipped, where that lies inside the picture.

    The sum runs over the kernel's non-zero elements in their order, in float64, by multiplying and adding only: that
    gives the same bits on every machine, which an FFT does not.

    Args:
        image: H,W,3, of any type.
        kernel: S,S with S odd and at most H and W.

    Returns:
        H - S + 1,W - S + 1,3 float64.
    """
    last = len(kernel) - 1
    height, width = image.shape[0] - last, image.shape[1] - last
    planes = np.ascontiguousarray(np.moveaxis(image, 2, 0), dtype=np.float64)
    total, product = np.zeros((len(planes), height, width)), np.empty((height, width))
    rows, columns = np.nonzero(kernel)
    steps = list(zip((last - rows).tolist(), (last - columns).tolist(), kernel[rows, columns], strict=True))
    for plane, result in zip(planes, total, strict=True):
        for top, left, weight in steps:
            np.multiply(plane[top : top + height, left : left + width], weight, out=product)
            np.add(result, product, out=result)
    return np.moveaxis(total, 0, 2)


def to_8_bit(values: Array) -> Array:
    """Round and clip values of the range 0 to 255 to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
