"""Faces followed through the frames of a clip: the same face keeps its framing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import FrameLook, View
from restorekit_faces.detect import Face, overlap
from restorekit_faces.followed import FollowedView
from restorekit_faces.track import Track, points

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.framing import Faces, Look

SEARCH, WAIT = 8, 4
"""Frames after which the whole frame is searched again where faces are known, which are looked at where they were in
between, and where none is."""

HOLD = 5
"""Frames for which a face that is not found stays where it was."""

CUT = 0.12
"""Mean change of a small frame, as a share of the range, from which on another scene begins."""

_SAME = 0.3


class FacesLook(FrameLook):
    """Looks at frames, and follows their faces.

    A frame without a face stays as it is: whether the whole of it is restored may not change from one to the next.

    Args:
        look: What finds faces in a single frame.
        framing: What is wanted.
    """

    def __init__(self, look: Look, framing: Faces) -> None:
        super().__init__(look)
        self._single, self._framing, self._template = look, framing, look.template
        self._tracks: list[Track] = []
        self._count = 0
        self._small: list[int] = []
        self._last: FollowedView | None = None

    def __call__(self, pixels: Array) -> View:
        """Give the view of the next frame's pixels."""
        self._remember()
        if pixels.shape[:2] == (self._template.size, self._template.size):
            return self._look(pixels)
        cut = self._is_cut(pixels)
        if cut:
            self._tracks = []
        due = self._count % (SEARCH if self._tracks else WAIT) == 0
        searched = cut or due or any(track.missed for track in self._tracks)
        self._count += 1
        found = self._single.find(pixels) if searched else self._near(pixels)
        self._follow(found, cut)
        if searched:  # the restorer, too, looks at all of them again
            self._tracks = [replace(track, edges=None) for track in self._tracks]
        shown = [track for track in self._tracks if track.seen > 1]
        if not shown:
            return View("no face found, left alone; faces=off restores whole frames", looked=True)
        self._last = FollowedView(pixels, shown, self._template, self._framing)
        return self._last

    def state(self) -> Mapping[str, Any]:
        """Return the tracks."""
        self._remember()
        return {"tracks": [asdict(each) for each in self._tracks], "count": self._count, "small": self._small}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on with the tracks of another one."""
        self._tracks = [Track(**told) for told in state["tracks"]]
        self._count, self._small, self._last = state["count"], list(state["small"]), None

    def _remember(self) -> None:
        """Keep what was done to each face of the last frame."""
        if self._last is not None:
            told = zip(self._last.tracks, self._last.strengths, self._last.sharp, strict=True)
            done = {id(t): replace(t, strength=share, edges=e, kernel=k) for t, share, (e, k) in told}
            self._tracks = [done.get(id(track), track) for track in self._tracks]
            self._last = None

    def _is_cut(self, pixels: Array) -> bool:
        import cv2

        small = cv2.resize(pixels, (16, 16), interpolation=cv2.INTER_AREA).astype(np.int64).ravel()
        last, self._small = self._small, small.tolist()
        return not last or bool(np.abs(small - last).mean() > CUT * np.iinfo(pixels.dtype).max)

    def _near(self, pixels: Array) -> Sequence[Face]:
        """Look for the known faces where they were."""
        found: list[Face] = []
        for track in self._tracks:
            face = self._single.detector.again(pixels, track.face)
            if face is not None and all(overlap(face.box, each.box) <= _SAME for each in found):
                found.append(face)
        return found

    def _follow(self, found: Sequence[Face], cut: bool) -> None:
        rest, tracks = list(found), []
        for track in self._tracks:
            best = max(rest, key=lambda face: overlap(face.box, track.box), default=None)
            if best is not None and overlap(best.box, track.box) > _SAME:
                rest = [face for face in rest if face is not best]
                tracks.append(track.moved(best))
            elif track.missed < HOLD:
                tracks.append(replace(track, missed=track.missed + 1))
        # One that appears amid a scene may be an error of the detector: it waits until it is found again.
        seen = 2 if cut else 1
        self._tracks = tracks + [Track(face.box, points(face.landmarks), face.score, seen) for face in rest]
