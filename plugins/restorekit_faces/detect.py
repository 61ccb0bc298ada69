"""Find faces in pictures of any size, with a network that finds those of some sizes."""

from __future__ import annotations

import cmath
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restorekit_faces.geometry import SHAPE
from restorekit_faces.upright import Box, Square, nearby, resized, square_around

if TYPE_CHECKING:
    from restorekit import Array

_SAME = 0.3
_QUARTERS = 640
"""Longest side up to which a picture is also searched on its sides."""

_STEP, _UPRIGHT = 30, 20
"""Degrees between the turns in which a face is looked at, and up to which it counts as upright."""

_FEWER = 3
"""A face that is followed is looked at in every third of the sizes: it is smoothed over frames besides."""

_SWAPPED = [1, 0, 2, 4, 3]


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture; integers are the middles of pixels.

    Attributes:
        box: x, y, width and height, pixels.
        landmarks: 5,2: x and y of the eyes, the nose and the corners of the mouth, the left of the picture first.
        score: How sure the detector is, up to 1.
    """

    box: tuple[float, float, float, float]
    landmarks: Array
    score: float


class Detector(ABC):
    """A box, five landmarks and a score for each face of a picture. Not for several threads at once."""

    levels: ClassVar[tuple[int, ...]]
    """Longest sides at which a picture is searched, pixels."""

    looks: ClassVar[tuple[int, ...]]
    """Widths of a face, pixels, at which its landmarks are looked for again."""

    on_side: ClassVar[float] = 0.8
    """Score that counts where a picture is searched on its sides."""

    sure: ClassVar[float] = 0.0
    """Least mean score of a face over those looks, 0 counting where it is not seen again, which is its score then;
    0 takes the score of the search."""

    def __call__(self, pixels: Array) -> list[Face]:
        """Find the faces of a picture.

        It is searched reduced to several sizes, and on its sides. A face that was found is looked at again, upright, at
        several sizes and mirrored, and the median taken of its landmarks: with YuNet on CelebA that halves their errors
        in angle and takes a third off those in place.

        Args:
            pixels: H,W,3 RGB, uint8 or uint16.

        Returns:
            The faces, the surest first.
        """
        height, width = pixels.shape[:2]
        found = sorted(self._search(pixels), key=lambda face: -face.score)
        faces: list[Face] = []
        for face in found:
            there = overlap(face.box, (0, 0, width, height)) > 0
            if there and all(overlap(face.box, other.box) <= _SAME for other in faces):
                faces.append(face)
        kept: list[Face] = []
        for face in sorted((self._look_again(pixels, face) for face in faces), key=lambda face: -face.score):
            if face.score >= self.sure and not any(_within(face, other) for other in kept):
                kept.append(face)
        return kept

    def again(self, pixels: Array, face: Face) -> Face | None:
        """Look for a face where it was in the frame before, turned as it was, which is much quicker than to search.

        Args:
            pixels: H,W,3 RGB, uint8 or uint16.
            face: The face in the frame before.

        Returns:
            The face, with the score that it had; None if fewer than half of the looks show it.
        """
        turn = fitted_turn(face.landmarks)
        looks = list(self._looks(pixels, face.box, turn, self.looks[::_FEWER]))
        seen = [each for each in looks if each is not None]
        if 2 * len(seen) < len(looks):
            return None
        x, y, width, height = np.median([each.box for each in seen], axis=0).tolist()
        landmarks = np.median([each.landmarks for each in seen], axis=0)
        return Face((x, y, width, height), landmarks, face.score)

    def _search(self, pixels: Array) -> Iterator[Face]:
        longest = max(pixels.shape[:2])
        for level in [*(level for level in self.levels if level < longest), longest]:
            if level > self.levels[-1]:
                continue
            small = resized(pixels, level / longest)
            for row in self._find(small):
                yield _face(row, level / longest)
            for quarters in (1, 3) if level <= _QUARTERS else ():
                for row in self._find(np.ascontiguousarray(np.rot90(small, quarters))):
                    if row[14] >= self.on_side:
                        yield _face(_turned_back(row, small, quarters), level / longest)

    def _look_again(self, pixels: Array, face: Face) -> Face:
        turn = self._turn(pixels, face)
        looks = list(self._looks(pixels, face.box, turn, self.looks))
        seen = [each.landmarks for each in looks if each is not None]
        if not turn or not seen:
            seen.append(face.landmarks)
        scores = [0 if each is None else each.score for each in looks]
        score = float(np.mean(scores)) if self.sure else face.score
        return Face(face.box, np.median(seen, axis=0), score)

    def _looks(self, pixels: Array, box: Box, turn: float, widths: Sequence[int]) -> Iterator[Face | None]:
        """Look at a face in some widths, and mirrored; give what is seen of it each time."""
        largest = square_around(pixels, box, self.looks[-1], turn)
        for width in widths:
            square = largest.at(width)
            for mirrored in (False, True):
                row = self._best(square, mirrored)
                yield None if row is None else _back(row, square)

    def _turn(self, pixels: Array, face: Face) -> float:
        """Return by how many degrees a face is turned clockwise; 0 for one that is about upright.

        The landmarks do not tell: YuNet gives a face that is turned by 30 degrees nearly level eyes. But it is the
        surer the more upright a face is. So the face is looked at in twelve turns, and a parabola laid through the
        scores around the best.
        """
        near, box = nearby(pixels, face.box, 2 * self.looks[0])

        def score(turn: float) -> float:
            best = self._best(square_around(near, box, self.looks[0], turn))
            return 0 if best is None else float(best[14])

        scores = {turn: score(turn) for turn in range(-180, 180, _STEP)}
        beside = {
            turn: (scores[_wrapped(turn - _STEP)] + scores[_wrapped(turn + _STEP)]) / 2 for turn in scores
        }
        best = max(scores, key=lambda turn: (scores[turn] + beside[turn], -abs(turn)))
        if best == 0:
            return 0
        offsets = range(-2 * _STEP, 2 * _STEP + 1, _STEP // 2)
        known = [
            (
                each,
                scores[_wrapped(best + each)] if each % _STEP == 0 else score(best + each),
            )
            for each in offsets
        ]
        known = [(each, score) for each, score in known if score]
        if len(known) < 4:
            return best
        curve, slope, _ = np.polyfit(*np.transpose(known), 2)
        turn = best + (float(np.clip(-slope / (2 * curve), -_STEP, _STEP)) if curve < 0 else 0)
        return turn if abs(turn) >= _UPRIGHT else 0

    def _best(self, square: Square, mirrored: bool = False) -> Array | None:
        """Return the row of the face that the square is about."""
        here = tuple(side * square.factor for side in square.box)
        rows = self._find(np.ascontiguousarray(square.pixels[:, ::-1]) if mirrored else square.pixels)
        rows = [_mirrored(row, square.pixels) for row in rows] if mirrored else rows
        best = max(rows, key=lambda row: overlap(tuple(row[:4]), here), default=None)
        return best if best is not None and overlap(tuple(best[:4]), here) > _SAME else None

    @abstractmethod
    def _find(self, pixels: Array) -> list[Array]:
        """Return a row for each face of H,W,3 uint8 RGB: x, y, width, height, the five points' x and y, the score."""


def _face(row: Array, factor: float) -> Face:
    """Make a face of a row that was found in a picture reduced by ``factor``."""
    x, y, width, height = (float(each) / factor for each in row[:4])
    landmarks = (row[4:14].reshape(5, 2) + 0.5) / factor - 0.5
    return Face((x, y, width, height), landmarks, float(row[14]))


def _back(row: Array, square: Square) -> Face:
    """Make a face of a row that was found in a square."""
    width, height = (float(side) / square.factor for side in row[2:4])
    x, y = square.back(row[:2] + row[2:4] / 2 - 0.5) + 0.5
    return Face(
        (float(x) - width / 2, float(y) - height / 2, width, height),
        square.back(row[4:14].reshape(5, 2)),
        float(row[14]),
    )


def fitted(points: Array) -> tuple[complex, complex]:
    """Fit the mean face to 5,2 points: from the left eye to the right one, and their middle, as complex numbers."""
    shape, here = (each[:, 0] + 1j * each[:, 1] for each in (SHAPE, points))
    about = shape - shape.mean()
    factor = np.vdot(about, here - here.mean()) / np.vdot(about, about).real
    return factor, here.mean() - factor * shape.mean()


def fitted_turn(points: Array) -> float:
    """Return by how many degrees a face is turned clockwise, as its 5,2 points say; 0 for one that is about upright."""
    turn = math.degrees(cmath.phase(fitted(points)[0]))
    return turn if abs(turn) >= _UPRIGHT else 0


def _turned_back(row: Array, pixels: Array, quarters: int) -> Array:
    """Turn back what was found in pixels that were turned counterclockwise by one or three quarters."""
    height, width = pixels.shape[:2]
    x, y, wide, high = row[:4]
    points = row[4:14].reshape(5, 2)
    if quarters == 1:
        box, points = (width - y - high, x), np.column_stack([width - 1 - points[:, 1], points[:, 0]])
    else:
        box, points = (y, height - x - wide), np.column_stack([points[:, 1], height - 1 - points[:, 0]])
    return np.concatenate([box, (high, wide), points.ravel(), row[14:]])


def _wrapped(degrees: int) -> int:
    return (degrees + 180) % 360 - 180


def _within(face: Face, other: Face) -> bool:
    """Whether a face's middle lies in another's box: it is an eye or a mouth that was taken for a face."""
    (x, y, width, height), (left, top, wide, high) = face.box, other.box
    return 0 < x + width / 2 - left < wide and 0 < y + height / 2 - top < high


def _mirrored(row: Array, pixels: Array) -> Array:
    """Turn round what was found in the mirror image of pixels."""
    points = row[4:14].reshape(5, 2)[_SWAPPED]
    points[:, 0] = pixels.shape[1] - 1 - points[:, 0]
    box = [pixels.shape[1] - row[0] - row[2], *row[1:4]]
    return np.concatenate([box, points.ravel(), row[14:]])


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the intersection of two boxes over their union."""
    width, height = (
        max(min(one[i] + one[i + 2], other[i] + other[i + 2]) - max(one[i], other[i]), 0) for i in (0, 1)
    )
    union = one[2] * one[3] + other[2] * other[3] - width * height
    return width * height / union if union > 0 else 0
