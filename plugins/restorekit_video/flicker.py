"""How much restoring makes a clip flicker, and less of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restorekit_video.pixels import differs

if TYPE_CHECKING:
    from restorekit import Array

STILL = 4 / 255
"""Change between two frames up to which a pixel of the source counts as still, as a share of the range."""

_AROUND = 9
"""Side of the square around a still pixel that is still, too: blur hides that flat parts move, but not their edges."""

KEPT, _LOW, _HIGH = 0.75, 1 / 255, 4 / 255
"""Share of the last frame that is kept where the source does not change; shares of the range up to which the change of
a square's mean counts as none, and from which on nothing is kept. A mean tells less of blur, which may change, than a
pixel does. On blurred faces these lower flicker below the source's, at 91 % (moving) and 110 % (still) of a photo's
gain in PSNR; keeping half of the last *change*, judged by pixels, left still faces flickering."""


class Flicker:
    """Mean change between restored neighbours minus that between their sources, where the source is still.

    Only pixels count that restoring changed in one of the two frames.

    Attributes:
        total: The sum over pixels, grey levels of 255.
        pixels: How many there were.
    """

    def __init__(self) -> None:
        self.total, self.pixels = 0.0, 0
        self._last: tuple[Array, Array] | None = None

    def add(self, source: Array, restored: Array) -> None:
        """Take the next frame: H,W,3 uint8 or uint16, before and after; the very same array if it was left alone."""
        last, self._last = self._last, (source, restored)
        if last is None or (source is restored and last[0] is last[1]):
            return
        import cv2

        changed = differs(source, restored) | differs(*last)
        at = _box(changed)
        source, restored, *last = (each[at].astype(np.int32) for each in (source, restored, *last))
        top = np.iinfo(self._last[0].dtype).max
        before, after = np.abs(source - last[0]).mean(axis=2), np.abs(restored - last[1]).mean(axis=2)
        still = cv2.erode((before <= STILL * top).astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8)) > 0
        still &= changed[at]
        self.total += float((after[still] - before[still]).sum()) * 255 / top
        self.pixels += int(still.sum())


def steadied(source: Array, restored: Array, last_source: Array, last_restored: Array) -> Array:
    """Return a restored frame mixed with the one before, where the source is still.

    Args:
        source: H,W,3 uint8 or uint16.
        restored: The same, restored; where it equals the source it stays.
        last_source: The frame before.
        last_restored: What was made of that.
    """
    import cv2

    changed = differs(source, restored)
    at, top = _box(changed), float(np.iinfo(source.dtype).max)
    now, made, before, made_before = (
        each[at].astype(np.float32) / top for each in (source, restored, last_source, last_restored)
    )
    move = np.abs(cv2.blur(now, (_AROUND, _AROUND)) - cv2.blur(before, (_AROUND, _AROUND))).mean(axis=2)
    share = KEPT * np.clip((_HIGH - move) / (_HIGH - _LOW), 0, 1)[..., None]
    kept = made + share * (made_before - made)
    result = restored.copy()
    mixed = np.rint(np.clip(kept, 0, 1) * top).astype(source.dtype)
    result[at] = np.where(changed[at][..., None], mixed, restored[at])
    return result


def _box(mask: Array) -> tuple[slice, slice]:
    """Return the rows and columns between which a mask is true; none if it is nowhere."""
    found = []
    for axis in (1, 0):
        there = np.flatnonzero(mask.any(axis=axis))
        found.append(slice(int(there[0]), int(there[-1]) + 1) if there.size else slice(0, 0))
    return found[0], found[1]
