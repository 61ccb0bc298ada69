"""The frames of a clip through a restorer, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit import FrameRestorer
from restorekit_video.flicker import Flicker, steadied
from restorekit_video.pixels import differs

if TYPE_CHECKING:
    from restorekit import Array


class Course:
    """Restores frames one after the other, keeps them steady, and counts.

    Args:
        restorer: What restores.

    Attributes:
        frames: How many there were.
        restored: How many of them were restored.
        flicker: What they flicker, by neighbours.
    """

    def __init__(self, restorer: FrameRestorer) -> None:
        self._restorer = restorer
        self._last: tuple[Array, Array] | None = None
        self.frames = self.restored = 0
        self.flicker = Flicker()

    def __call__(self, source: Array) -> Array:
        """Restore the next frame; one that is left alone comes back itself."""
        restored = _changed(source, self._restorer(source))
        if restored is not source and self._last is not None:
            restored = _changed(source, steadied(source, restored, *self._last))
        self._last = source, restored
        self.frames, self.restored = self.frames + 1, self.restored + (restored is not source)
        self.flicker.add(source, restored)
        return restored

    @property
    def figure(self) -> float | None:
        """The flicker a pixel, grey levels of 255; None if nothing was restored."""
        return figure(self.flicker.total, self.flicker.pixels)


def _changed(source: Array, restored: Array) -> Array:
    """Return what was restored, or the source itself where they are alike."""
    return restored if restored is not source and differs(source, restored).any() else source


def figure(total: float, pixels: int) -> float | None:
    """Return the mean over pixels; None if there are none."""
    return total / pixels if pixels else None
