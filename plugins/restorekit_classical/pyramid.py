"""Sizes from coarse to fine, and pictures and kernels brought to them."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


def kernel_sides(largest: int, ratio: float, smallest: int) -> list[int]:
    """Odd sides of the kernel, coarse first.

    Args:
        largest: The side at full size, odd.
        ratio: By which neighbours differ, about; above 1.
        smallest: The least side that is made, odd.
    """
    sides, exact = [largest], float(largest)
    while True:
        exact /= ratio
        side = min(2 * round((exact - 1) / 2) + 1, sides[0] - 2)
        if side < smallest:
            return sides
        sides.insert(0, side)


def reduced(image: Array, share: float) -> Array:
    """Reduce H,W to about ``share`` of its sides, after a Gaussian blur of ``1 / (pi share)`` pixels (Levin)."""
    from scipy.ndimage import gaussian_filter

    if share == 1:
        return image
    shape = tuple(max(round(side * share), 1) for side in image.shape)
    return resized(gaussian_filter(image, 1 / (pi * share), mode="nearest"), shape)


def resized(image: Array, shape: tuple[int, ...]) -> Array:
    """Interpolate ...,H,W linearly at the middles of the pixels of ``shape``; the border's values go on outside."""
    from scipy.ndimage import zoom

    factors = [new / old for new, old in zip(shape, image.shape[-2:], strict=True)]
    factors = [1.0] * (image.ndim - 2) + factors
    interpolated: Array = zoom(image, factors, order=1, mode="nearest", grid_mode=True)
    return interpolated


def moved(image: Array, rows: int, columns: int) -> Array:
    """Move ...,H,W down and to the right by whole pixels; the border's values go on behind it."""
    for axis, by in ((-2, rows), (-1, columns)):
        at = np.clip(np.arange(image.shape[axis]) - by, 0, image.shape[axis] - 1)
        image = np.take(image, at, axis)
    return image


def enlarged(kernel: Array, side: int) -> Array:
    """Bring a kernel to another side, its middle to the new middle, its sum 1 again."""
    if kernel.shape == (side, side):
        return kernel
    larger = np.maximum(resized(kernel, (side, side)), 0)
    return larger / larger.sum()
