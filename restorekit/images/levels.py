"""Numbers of any kind to levels of 8 or 16 bits."""

from __future__ import annotations

import numpy as np

from restorekit.images.picture import Array

_BLOCK = 2**16
"""Values that are converted at once, as the way there takes several times their memory."""
_HAIR = 1 / 256
"""By how much of the whole range a floating-point value may leave it, and is cut off."""


class OutOfRange(Exception):
    """Floating-point values that are no share of white."""


class Levels:
    """Converts the numbers of a picture part by part.

    Args:
        dtype: Of the numbers: bool, unsigned integers or floating point.
        bits: How many of each integer are used.

    Attributes:
        dtype: Of the levels: uint8 or uint16.
        notes: What is changed thereby.
    """

    def __init__(self, dtype: np.dtype[np.generic], bits: int) -> None:
        self._floating = dtype.kind == "f"
        self._top = 2**bits - 1
        deep = self._floating or bits > 8
        self.dtype = np.dtype(np.uint16 if deep else np.uint8)
        self._as_it_is = not self._floating and bits in (8, 16)
        self._low, self._high = np.inf, -np.inf
        self.notes: tuple[str, ...] = ()
        if self._floating:
            self.notes = ("floating-point values are written as 16 bits, 1.0 as 65535",)
        elif bits == 1:
            self.notes = ("black and white is written as grey",)
        elif not self._as_it_is:
            self.notes = (f"{bits} bits per channel are written as {16 if deep else 8}",)

    def put(self, numbers: Array, place: Array) -> None:
        """Convert a part into its place, of the same shape.

        Raises:
            OutOfRange: Floating-point values are outside 0 to 1, or no numbers.
        """
        if self._as_it_is:
            place[...] = numbers
            return
        rows = max(1, _BLOCK * len(numbers) // max(1, numbers.size))
        for top in range(0, len(numbers), rows):
            place[top : top + rows] = self._block(numbers[top : top + rows])

    def _block(self, numbers: Array) -> Array:
        if self._floating:
            low, high = float(numbers.min()), float(numbers.max())
            if not (low >= -_HAIR and high <= 1 + _HAIR):
                raise OutOfRange(f"{low:g} to {high:g}")
            numbers = numbers.clip(0, 1) if low < 0 or high > 1 else numbers
            return np.asarray(np.rint(np.multiply(numbers, 65535, dtype=np.float64)))
        full = 65535 if self.dtype == np.uint16 else 255
        return np.asarray((numbers * (full / self._top)).round())
