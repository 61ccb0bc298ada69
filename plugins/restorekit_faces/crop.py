"""Take a face out of a picture at the size that a network wants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.geometry import Placement

if TYPE_CHECKING:
    from restorekit import Array

_AROUND = 6
"""Pixels around the crop that the filters see, of the reduced picture."""


def take_crop(pixels: Array, placement: Placement) -> Array:
    """Take the crop that a placement says; what lies outside the picture is its mirror image.

    Args:
        pixels: H,W,3 uint8 or uint16.
        placement: Where the crop lies.

    Returns:
        S,S,3 float32 in [0, 1]. Without a warp these are the picture's own values; with one they are averaged
        before they are reduced, so that nothing aliases.
    """
    top = np.float32(np.iinfo(pixels.dtype).max)
    if not placement.warped:
        x, y = placement.corner
        whole: Array = mirrored(pixels, x, y, x + placement.size, y + placement.size).astype(np.float32) / top
        return whole
    import cv2

    factor = max(1, math.floor(1 / placement.scale))  # the most of a reduction is an exact mean
    around = _AROUND * factor
    left, upper, right, lower = placement.bounds()
    left, upper = left - around, upper - around
    columns, rows = (
        math.ceil((end + around - start) / factor) for start, end in ((left, right), (upper, lower))
    )
    part = mirrored(pixels, left, upper, left + columns * factor, upper + rows * factor)
    if factor > 1:
        part = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    values = smoothed(part.astype(np.float32) / top, placement.scale * factor)
    matrix = (
        placement.matrix.copy()
    )  # from the reduced part: its pixel i is centred on (i + 0.5) factor - 0.5
    start = np.array([left, upper]) + (factor - 1) / 2
    matrix[:, 2] += matrix[:, :2] @ start
    matrix[:, :2] *= factor
    crop = cv2.warpAffine(
        values, matrix, (placement.size,) * 2, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.clip(crop, 0, 1)


def smoothed(values: Array, scale: float) -> Array:
    """Blur H,W,C float32 so that it can be reduced by ``scale`` without aliasing; 1 and more change nothing.

    A Gaussian whose standard deviation brings that of the pixel itself, half a pixel, to half a reduced one.
    """
    if scale >= 0.99:
        return values
    import cv2

    sigma = 0.5 * math.sqrt(1 / scale**2 - 1)
    blurred: Array = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    return blurred


def mirrored(pixels: Array, left: int, upper: int, right: int, lower: int) -> Array:
    """Cut out a part of a picture, which goes on beyond its borders as its mirror image."""
    height, width = pixels.shape[:2]
    if left >= 0 and upper >= 0 and right <= width and lower <= height:
        return pixels[upper:lower, left:right]
    rows, columns = _reflected(upper, lower, height), _reflected(left, right, width)
    return pixels[rows[:, None], columns]


def _reflected(start: int, stop: int, side: int) -> Array:
    period = max(2 * (side - 1), 1)
    index = np.arange(start, stop) % period
    return np.minimum(index, period - index) if side > 1 else np.zeros_like(index)
