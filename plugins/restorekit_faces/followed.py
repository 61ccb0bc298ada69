"""The faces of a frame: what is done to each changes slowly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Part
from restorekit_faces.decide import BY_KERNEL, ENLARGED, SHARP, SLIGHT, UNCLEAR, limit
from restorekit_faces.track import Track
from restorekit_faces.view import FacesView, blur_by_edges

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

    A face that was sharp is not restored to see whether it still is, as long as its edges are no wider than then.

    Args:
        pixels: H,W,3 uint8 or uint16.
        tracks: The faces.
        template: Where the network wants a face.
        framing: What the user wants.

    Attributes:
        tracks: As given.
        strengths: For each the share of the change that is made, once it is decided.
        sharp: For each its blur by edges and by the kernel when it was last found sharp, once it is decided.
    """

    def __init__(self, pixels: Array, tracks: Sequence[Track], template: Template, framing: Faces) -> None:
        super().__init__(pixels, [track.face for track in tracks], template, framing)
        self.tracks = tracks
        self.strengths: list[float | None] = [track.strength for track in tracks]
        self.sharp: list[tuple[float | None, float | None]] = [(each.edges, each.kernel) for each in tracks]
        self._still = [self._is_still_sharp(number) for number in range(len(tracks))]
        self._parts = [
            replace(part, left=SHARP) if still and not part.left else part
            for part, still in zip(self._parts, self._still, strict=True)
        ]

    def _is_still_sharp(self, number: int) -> bool:
        """Whether its edges are not as much wider as a kernel of the limit would make them."""
        then, least = self.tracks[number].edges, self._framing.limit or BY_KERNEL
        return then is not None and self._edges(number) < math.hypot(then, least)

    def _edges(self, number: int) -> float:
        return blur_by_edges(self._pixels, self.placements[number], self._template)

    def decide(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Decide as for a photo, but near the limit as in the frame before."""
        known = [self._as_then(number, part) for number, part in enumerate(parts)]
        decided = []
        for number, (part, track) in enumerate(zip(super().decide(known), self.tracks, strict=True)):
            least = limit(part, self._framing.limit)
            part = steady(part, track, least)
            if self._still[number]:
                part = replace(part, left=part.left or SHARP)
            elif part.left in _BY_BLUR:
                self.sharp[number] = self._edges(number), part.facts.get("kernel_blur")
            else:
                self.sharp[number] = None, None
            decided.append(part)
            self.strengths[number] = eased(part, track, least)
        self._decided = decided
        return decided

    def closer(self, parts: Sequence[Part]) -> Mapping[int, Array]:
        """Look no closer: how close one can look differs from frame to frame, and so would the detail."""
        return {}

    def _as_then(self, number: int, part: Part) -> Part:
        """Tell of a face that was not looked at what the restorer said when it last did, as others depend on it."""
        kernel = self.tracks[number].kernel
        if not self._still[number] or part.left != SHARP:
            return part
        return replace(part, left="", facts=part.facts | ({} if kernel is None else {"kernel_blur": kernel}))

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
