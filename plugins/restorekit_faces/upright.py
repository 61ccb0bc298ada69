"""Look at a face of a picture by itself, turned upright."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Square:
    """A square around a face, twice as wide as it, turned and reduced or enlarged.

    Attributes:
        pixels: H,W,3 uint8; less than the square where the picture ends.
        factor: Pixels of it for one of the picture.
        turn: 2,2: what turns directions in it to those of the picture.
        start: x and y in the picture of the middle of its first pixel, before it was reduced.
        box: The face, in pixels of the picture from there.
    """

    pixels: Array
    factor: float
    turn: Array
    start: Array
    box: Box

    def at(self, width: float) -> Square:
        """The same, with a face of another width in pixels."""
        factor = width / max(self.box[2:])
        return Square(resized(self.pixels, factor / self.factor), factor, self.turn, self.start, self.box)

    def back(self, points: Array) -> Array:
        """Return where N,2 points of its pixels lie in the picture."""
        found: Array = ((points + 0.5) / self.factor - 0.5) @ self.turn.T + self.start
        return found


def nearby(pixels: Array, box: Box, width: float) -> tuple[Array, Box]:
    """Return the surroundings of a face, reduced to one of ``width`` pixels if it is wider, and its box in them."""
    x, y, wide, high = box
    side = max(wide, high)
    left, upper = (max(math.floor(at - 1.5 * side), 0) for at in (x, y))
    near = pixels[upper : math.ceil(y + high + 1.5 * side), left : math.ceil(x + wide + 1.5 * side)]
    factor = min(width / side, 1)
    at = (x - left, y - upper, wide, high)
    return resized(near, factor), (at[0] * factor, at[1] * factor, wide * factor, high * factor)


def square_around(pixels: Array, box: Box, width: float, degrees: float = 0) -> Square:
    """Cut out a face.

    Args:
        pixels: H,W,3 uint8 or uint16.
        box: Where it lies.
        width: How wide it is to be, in pixels.
        degrees: By how much it is turned clockwise.
    """
    x, y, wide, high = box
    side = max(wide, high)
    factor = width / side
    left, upper = (round(at + (extent - 2 * side) / 2) for at, extent in ((x, wide), (y, high)))
    if degrees:
        return _turned(pixels, box, factor, degrees)
    right, lower = left + round(2 * side), upper + round(2 * side)
    inside = slice(max(upper, 0), max(lower, 0)), slice(max(left, 0), max(right, 0))
    start = np.array([inside[1].start, inside[0].start])
    there = (x - start[0], y - start[1], wide, high)
    return Square(resized(pixels[inside], factor), factor, np.eye(2), start, there)


def _turned(pixels: Array, box: Box, factor: float, degrees: float) -> Square:
    import cv2

    x, y, wide, high = box
    side, middle = max(wide, high), np.array([x + wide / 2, y + high / 2]) - 0.5
    reach = math.ceil(1.5 * side)  # more than half a diagonal of the square
    left, upper = (math.floor(at) - reach for at in middle)
    rows, columns = (
        np.clip(np.arange(first, first + 2 * reach), 0, length - 1)
        for first, length in ((upper, pixels.shape[0]), (left, pixels.shape[1]))
    )
    near = resized(pixels[rows[:, None], columns], factor)
    scale = np.array(near.shape[1::-1]) / (2 * reach)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([(cos, -sin), (sin, cos)])
    start = middle - turn @ (side - 0.5, side - 0.5)
    size = max(round(2 * side * factor), 1)
    first = (
        turn @ (np.full(2, 0.5 / factor) - 0.5) + start - (left, upper)
    )  # of its first pixel, among those near
    matrix = np.column_stack([turn / factor * scale[:, None], (first + 0.5) * scale - 0.5])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    made = cv2.warpAffine(near, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Square(made, factor, turn, start, (side / 2, side / 2, side, side))


def resized(pixels: Array, factor: float) -> Array:
    """Resize H,W,3 uint8 or uint16 to uint8."""
    import cv2

    height, width = (max(round(side * factor), 1) for side in pixels.shape[:2])
    if (height, width) != pixels.shape[:2]:
        mode = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        pixels = cv2.resize(pixels, (width, height), interpolation=mode)
    return pixels if pixels.dtype == np.uint8 else np.rint(pixels / 257).astype(np.uint8)
