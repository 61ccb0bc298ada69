"""Enlarge by a whole number, without a network: what its change is measured from, and transparency beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit.contracts import Array


def enlarged(values: Array, scale: int) -> Array:
    """Enlarge by cubic convolution (Keys 1981, a = -1/2), the borders continued by their last pixel.

    Args:
        values: H,W or ...,H,W,C with C last where there are three axes or more; of integers or real numbers.
        scale: By how much; 1 gives the values themselves.

    Returns:
        The same type, both sides ``scale`` times as long; integers are rounded and clipped to their range.
    """
    if scale == 1:
        return values
    first = 0 if values.ndim == 2 else values.ndim - 3
    result = values.astype(np.float32)
    for axis in (first, first + 1):
        result = _along(result, axis, scale)
    if values.dtype.kind == "u":
        result = np.rint(result).clip(0, np.iinfo(values.dtype).max)
    return result.astype(values.dtype)


def _along(values: Array, axis: int, scale: int) -> Array:
    side = values.shape[axis]
    place = (np.arange(side * scale) + 0.5) / scale - 0.5
    start = np.floor(place).astype(int)
    shape = [1] * values.ndim
    shape[axis] = -1
    total = np.zeros(1, np.float32)
    for tap in range(-1, 3):
        weight = _cubic(np.abs(place - start - tap)).astype(np.float32).reshape(shape)
        total = total + weight * values.take((start + tap).clip(0, side - 1), axis)
    return total


def _cubic(distance: Array) -> Array:
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))
