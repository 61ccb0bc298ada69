"""How much restoring makes a video flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

STILL = 4 / 255
"""Change between two frames up to which a pixel of the source counts as still, as a share of the range."""


class Flicker:
    """Mean change between restored neighbours minus that between their sources, where the source is still.

    Attributes:
        total: The sum over pairs of neighbours, grey levels of 255.
        pairs: How many pairs there were.
    """

    def __init__(self) -> None:
        self.total, self.pairs = 0.0, 0
        self._last: tuple[Array, Array] | None = None

    def add(self, source: Array, restored: Array) -> None:
        """Take the next frame: H,W,3 uint8 or uint16, before and after; the very same array if it was left alone."""
        last, self._last = self._last, (source, restored)
        if last is None:
            return
        self.pairs += 1
        if source is restored and last[0] is last[1]:
            return
        top = np.iinfo(source.dtype).max
        before = np.abs(source.astype(np.int32) - last[0]).mean(axis=2)
        after = np.abs(restored.astype(np.int32) - last[1]).mean(axis=2)
        still = before <= STILL * top
        if still.any():
            self.total += float((after[still] - before[still]).mean()) * 255 / top
