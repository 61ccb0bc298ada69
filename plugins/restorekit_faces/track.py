"""A face through the frames of a clip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.detect import Face

if TYPE_CHECKING:
    from restorekit import Array

_CALM, _QUICK = 0.3, 0.06
"""Share of a new place that counts at least; and the move, in face widths, from which on all of it counts."""


@dataclass(frozen=True)
class Track:
    """A face through the frames.

    Attributes:
        box: x, y, width and height, pixels.
        landmarks: Five points, smoothed.
        score: How sure the detector was.
        seen: In how many frames it was found.
        missed: In how many frames since then it was not.
        strength: Share of the change that was made in the last frame; None before its first.
        edges: Blur by its edges when the restorer last said that it is sharp, pixels; None if it did not.
        kernel: Blur of the kernel that it estimated then, pixels; None if it estimates none.
    """

    box: tuple[float, ...]
    landmarks: tuple[tuple[float, ...], ...]
    score: float
    seen: int = 1
    missed: int = 0
    strength: float | None = None
    edges: float | None = None
    kernel: float | None = None

    @property
    def face(self) -> Face:
        """The face as a detector gives it."""
        x, y, width, height = self.box
        return Face((x, y, width, height), np.array(self.landmarks), self.score)

    def moved(self, face: Face) -> Track:
        """Follow a face that was found again: all of a quick move, a part of a small one, which may be an error."""
        width = max(face.box[2], 1.0)
        old, new = np.array(self.landmarks), face.landmarks
        shift = new.mean(axis=0) - old.mean(axis=0)
        shape = (new - new.mean(axis=0)) - (old - old.mean(axis=0))
        at = old.mean(axis=0) + _share(float(np.hypot(*shift)) / width) * shift
        turned = (old - old.mean(axis=0)) + _share(float(np.hypot(*shape.T).max()) / width) * shape
        return replace(
            self, box=face.box, landmarks=points(at + turned), score=face.score, seen=self.seen + 1, missed=0
        )


def _share(move: float) -> float:
    return min(max(move / _QUICK, _CALM), 1.0)


def points(landmarks: Array) -> tuple[tuple[float, ...], ...]:
    """Write landmarks as JSON has them."""
    return tuple((float(x), float(y)) for x, y in landmarks)
