"""Pictures that follow each other, restored as others are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restorekit.contracts import FrameRestorer
from restorekit.framing import FrameLook
from restorekit.images import Picture
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady

if TYPE_CHECKING:
    from restorekit.contracts import Array


class Frames(FrameRestorer):
    """Restores pictures that follow each other by a restorer in a framing.

    Args:
        steady: What restores.
        look: What gives the view of each picture.
        about: What decides what is made of a picture, as JSON has it.
    """

    def __init__(self, steady: Steady, look: FrameLook, about: Mapping[str, Any]) -> None:
        self._steady, self._look = steady, look
        self.about = about
        self._left: Counter[str] = Counter()

    def __call__(self, pixels: Array) -> Array:
        """Restore the next picture.

        Raises:
            RestorekitError: The framing lacks something.
            ImageError: Memory does not suffice, or values are not finite.
        """
        (restored,) = restore_pictures(self._steady, [Picture(pixels, name="frame")], self._look)
        if restored.changed:
            return restored.picture.pixels
        if not restored.parts:
            self._left.update(restored.notes)
        return pixels

    def notes(self) -> tuple[str, ...]:
        """Say of how many pictures without any part why they were left alone."""
        return tuple(f"{count} frames: {why}" for why, count in self._left.most_common())

    def state(self) -> Mapping[str, Any]:
        """Return what the look remembers, and the notes."""
        return {"look": dict(self._look.state()), "left": dict(self._left)}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another one was that gave ``state``."""
        self._look.resume(state["look"])
        self._left = Counter(state["left"])
