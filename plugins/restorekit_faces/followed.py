"""The faces of a frame: what is done to each changes slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Part
from restorekit_faces.decide import ENLARGED, SHARP, SLIGHT, UNCLEAR, limit
from restorekit_faces.track import Track
from restorekit_faces.view import FacesView

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.framing import Faces
    from restorekit_faces.geometry import Template

ON, OFF, CLEAR = 1.15, 0.85, 1.5
"""Times the blur below which faces are left alone: where one begins to be restored, where that ends, and from where on
it is restored in full at once."""

EASE = 1 / 3
"""By how much the strength grows from frame to frame."""

_BY_BLUR = (SHARP, SLIGHT, UNCLEAR)


class FollowedView(FacesView):
    """The faces of a frame, decided in view of what was done to them in the frame before.

    Args:
        pixels: H,W,3 uint8 or uint16.
        tracks: The faces.
        template: Where the network wants a face.
        framing: What the user wants.

    Attributes:
        tracks: As given.
        strengths: For each the share of the change that is made, once it is decided.
    """

    def __init__(self, pixels: Array, tracks: Sequence[Track], template: Template, framing: Faces) -> None:
        super().__init__(pixels, [track.face for track in tracks], template, framing)
        self.tracks = tracks
        self.strengths: list[float | None] = [track.strength for track in tracks]

    def decide(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Decide as for a photo, but near the limit as in the frame before."""
        decided, strengths = [], list[float | None]()
        for part, track in zip(super().decide(parts), self.tracks, strict=True):
            least = limit(part, self._framing.limit)
            part = steady(part, track, least)
            decided.append(part)
            strengths.append(eased(part, track, least))
        self.strengths = strengths
        self._decided = decided
        return decided

    def closer(self, parts: Sequence[Part]) -> Mapping[int, Array]:
        """Look no closer: how close one can look differs from frame to frame, and so would the detail."""
        return {}

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Add the share of each change that is due now."""
        due = [
            window
            if window is None or not share or share >= 1
            else before + np.float32(share) * (window - before)
            for before, window, share in zip(self.windows, restored, self.strengths, strict=True)
        ]
        return super().put_back(due)


def steady(part: Part, track: Track, least: float) -> Part:
    """Keep to what was decided in the frame before where the blur is near the limit."""
    if part.left == ENLARGED and track.strength:
        return replace(part, left="")
    if track.strength is None or part.left not in ("", *_BY_BLUR):
        return part
    if not OFF * least <= part.facts["blur"] <= ON * least:
        return part
    if track.strength and part.left:
        return replace(part, left="")
    if not track.strength and not part.left:
        return replace(part, left=UNCLEAR)
    return part


def eased(part: Part, track: Track, least: float) -> float:
    """Return the share of the change to a face that is due: more from frame to frame, unless it is clearly blurred."""
    if part.left:
        return 0.0
    if track.strength is None or part.facts["blur"] >= CLEAR * least:
        return 1.0
    return min(track.strength + EASE, 1.0)
