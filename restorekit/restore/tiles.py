"""Pictures in tiles: cut with overlap, restored one by one and blended; the picture stays in its own integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit.contracts import Array


Progress = Callable[[int, int], None]
"""Called with the tiles done and all tiles."""

Span = tuple[int, int, "Array"]
"""Where a tile starts and stops along an axis, and its share of each pixel there."""


@dataclass(frozen=True)
class Layout:
    """How pictures are cut; all in pixels.

    Attributes:
        tile: Longest side of a tile.
        reach: How far a tile's own ends spoil it: so much of it is not used.
        ramp: Width over which two neighbours fade into each other.
        multiple: Tiles start at multiples of this.
    """

    tile: int
    reach: int = 0
    ramp: int = 0
    multiple: int = 1

    @property
    def overlap(self) -> int:
        """What two neighbours have in common."""
        return _up(2 * self.reach + self.ramp, self.multiple)

    def spans(self, side: int) -> list[Span]:
        """Cut an axis of ``side`` pixels into tiles of about equal length, whose shares of each pixel sum up to 1."""
        tile = self.tile // self.multiple * self.multiple
        if side <= self.tile:
            return [(0, side, np.ones(side, np.float32))]
        stride = max(tile - self.overlap, self.multiple)
        count = -(-(side - self.overlap) // stride)
        stride = _up(-(-(side - self.overlap) // count), self.multiple)
        ends = [(a, min(a + stride + self.overlap, side)) for a in range(0, side - self.overlap, stride)]
        shares = [self._share(start, stop, side) for start, stop in ends]
        total = np.zeros(side, np.float32)
        for (start, stop), share in zip(ends, shares, strict=True):
            total[start:stop] += share
        return [(a, b, share / total[a:b]) for (a, b), share in zip(ends, shares, strict=True)]

    def _share(self, start: int, stop: int, side: int) -> Array:
        """Rise and fall as a raised cosine, ``reach`` pixels from the ends that are not the picture's own."""
        place = np.arange(stop - start) + 0.5
        share = np.ones(stop - start, np.float32)
        for inner, distance in ((start > 0, place), (stop < side, place[::-1])):
            if inner:
                share *= np.sin(np.pi / 2 * np.clip((distance - self.reach) / max(self.ramp, 1), 0, 1)) ** 2
        return share


def restore_tiles(
    restore: Callable[[Array], Array],
    pixels: Array,
    layout: Layout,
    progress: Progress | None = None,
    scale: int = 1,
) -> Array:
    """Restore pictures of one size, tile by tile.

    Args:
        restore: Maps N,H,W,3 float32 in [0, 1] to N,H scale,W scale,3, not clamped.
        pixels: N,H,W,3 uint8 or uint16, or real numbers in [0, 1].
        layout: How to cut them.
        progress: Told of every tile.
        scale: By how much the result is larger.

    Returns:
        N,H scale,W scale,3 of the type of ``pixels``; integers are clamped and rounded.
    """
    integers = pixels.dtype.kind == "u"
    top = np.iinfo(pixels.dtype).max if integers else 1
    count, height, width, _ = pixels.shape
    rows, columns = layout.spans(height), layout.spans(width)
    result = np.empty((count, height * scale, width * scale, 3), pixels.dtype)
    band = np.zeros((count, 0, width * scale, 3), np.float32)  # the rows that are not final yet
    for i, (upper, lower, down) in enumerate(rows):
        fresh = np.zeros((count, (lower - upper) * scale - band.shape[1], width * scale, 3), np.float32)
        band = np.concatenate([band, fresh], axis=1)
        for j, (left, right, across) in enumerate(columns):
            tile = pixels[:, upper:lower, left:right].astype(np.float32) / top
            share = (down[:, None] * across).repeat(scale, axis=0).repeat(scale, axis=1)
            band[:, :, left * scale : right * scale] += restore(tile) * share[..., None]
            if progress is not None:
                progress(i * len(columns) + j + 1, len(rows) * len(columns))
        final = ((rows[i + 1][0] if i + 1 < len(rows) else height) - upper) * scale
        done = band[:, :final]
        if integers:
            done *= top
            np.rint(done, out=done).clip(0, top, out=done)
        result[:, upper * scale : upper * scale + final] = done
        band = band[:, final:]
    return result


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
