"""Where a face lies in a picture, and where a network wants it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import RestorekitError

if TYPE_CHECKING:
    from restorekit import Array

SHAPE = np.array([(-0.54, -0.03), (0.54, -0.03), (0.0, 0.59), (-0.45, 1.06), (0.45, 1.06)])
"""Eyes, nose and corners of the mouth from the middle of the eyes, in nominal eye distances.

The mean of what YuNet finds on 200 sharp training faces of CelebA's alignment, made symmetric. It puts the eyes a
little further apart than the nominal points (70, 113) and (107, 113) of that alignment.
"""

_SAME_SCALE, _SAME_ANGLE = 1.05, math.radians(3)
_SAME_PLACE = 3
"""A face as large, level and near as this needs no warp; pixels of the geometry."""

_CROP_SCALE, _CROP_ANGLE, _CROP_PLACE = 1.3, math.radians(15), 0.16
"""The same, in sides of the crop, in a picture of the crop's own size: the detector errs by 7 % there on blurred
faces, and one that was not aligned would hardly fill the crop as one that was."""


@dataclass(frozen=True, eq=False)
class Template:
    """The square that a network was trained on, and where in it the face lies.

    Attributes:
        size: Side of the square, pixels.
        middle: x and y of the middle of the eyes.
        axis: x and y from the left eye to the right one, as seen in the picture.
    """

    size: int
    middle: Array
    axis: Array

    @property
    def points(self) -> Array:
        """5,2: where a mean face has its eyes, nose and corners of the mouth."""
        x, y = self.axis
        points: Array = self.middle + SHAPE @ np.array([(x, y), (-y, x)])
        return points


def template_of(geometry: Mapping[str, Any]) -> Template:
    """Read a bundle's geometry.

    Raises:
        RestorekitError: It does not say where the eyes lie, or says what cannot be.
    """
    hint = "restore whole pictures with faces=off, or choose another model"
    if not {"size", "left_eye", "right_eye"} <= geometry.keys():
        raise RestorekitError(
            "the model does not say where the eyes lie in the faces it was trained on", hint
        )
    try:
        size = int(geometry["size"])
        left, right = (np.array(geometry[eye], np.float64).reshape(2) for eye in ("left_eye", "right_eye"))
        apart = float(np.hypot(*(right - left)))
    except (TypeError, ValueError, OverflowError):
        size, apart = 0, 0.0
    if not (16 <= size <= 4096 and 4 <= apart <= size and left.min() >= 0 and right.max() <= size):
        raise RestorekitError("the model's face geometry cannot be used", hint)
    return Template(size, (left + right) / 2, right - left)


@dataclass(frozen=True, eq=False)
class Placement:
    """How a crop of the template's size lies in a picture.

    Attributes:
        matrix: 2,3: from x, y, 1 in the picture to x, y in the crop; integers are the middles of pixels.
        size: Side of the crop, pixels.
        warped: Whether pixels must be resampled; if not, the matrix is a shift by whole pixels.
    """

    matrix: Array
    size: int
    warped: bool

    @property
    def scale(self) -> float:
        """Pixels of the crop for one of the picture."""
        return math.hypot(*self.matrix[:, 0])

    @property
    def corner(self) -> tuple[int, int]:
        """x and y in the picture of the first pixel of a crop that is not warped."""
        x, y = (-self.matrix[:, 2]).round().astype(int)
        return int(x), int(y)

    def finer(self, size: int) -> Placement:
        """Return the same crop with another side in pixels."""
        factor = size / self.size
        if factor == 1:
            return self
        matrix = self.matrix * factor
        matrix[:, 2] += (factor - 1) / 2  # integers stay the middles of pixels
        return Placement(matrix, size, warped=True)

    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the pixels of the picture that the crop may cover, the last two excluded."""
        edges = np.array([-0.5, self.size - 0.5])
        corners = np.array([(x, y) for x in edges for y in edges]) - self.matrix[:, 2]
        there = corners @ np.linalg.inv(self.matrix[:, :2]).T
        left, top = np.ceil(there.min(axis=0) - 1e-6).astype(int)
        right, bottom = np.floor(there.max(axis=0) + 1e-6).astype(int) + 1
        return int(left), int(top), int(right), int(bottom)


def align(landmarks: Array, template: Template) -> Placement:
    """Turn and scale five landmarks onto a template, as exactly as a similarity can.

    Least squares in closed form: with points as complex numbers about their means, the factor is
    conj(p) q / conj(p) p (Umeyama 1991 for the plane, without reflection).

    Args:
        landmarks: 5,2: eyes, nose and corners of the mouth, the left of the picture first.
        template: Where they should lie.
    """
    here, there = (points[:, 0] + 1j * points[:, 1] for points in (landmarks, template.points))
    about = here - here.mean()
    factor = np.vdot(about, there - there.mean()) / max(np.vdot(about, about).real, 1e-12)
    shift = there.mean() - factor * here.mean()
    matrix = np.array([(factor.real, -factor.imag, shift.real), (factor.imag, factor.real, shift.imag)])
    return Placement(matrix, template.size, warped=True)


def is_aligned_crop(placement: Placement, height: int, width: int) -> bool:
    """Tell whether a picture is itself a crop of the template, with the face where it belongs."""
    if height != placement.size or width != placement.size:
        return False
    middle = (placement.size - 1) / 2
    moved = placement.matrix @ (middle, middle, 1) - middle
    return _level(placement, _CROP_SCALE, _CROP_ANGLE) and bool(
        np.abs(moved).max() < _CROP_PLACE * placement.size
    )


def settle(placement: Placement, height: int, width: int) -> Placement:
    """Replace a warp by a shift of whole pixels if the face has the template's size and is level already.

    A crop that would pass over the border of the picture by a few pixels is moved to it.
    """
    if not _level(placement, _SAME_SCALE, _SAME_ANGLE):
        return placement
    middle = (placement.size - 1) / 2
    centre = np.linalg.solve(placement.matrix[:, :2], middle - placement.matrix[:, 2])
    corner = []
    for at, side in zip(np.rint(centre - middle), (width, height), strict=True):
        inside = min(max(at, 0), max(side - placement.size, 0))
        corner.append(inside if abs(inside - at) <= _SAME_PLACE else at)
    return whole_shift(int(corner[0]), int(corner[1]), placement.size)


def whole_shift(x: int, y: int, size: int) -> Placement:
    """Place a crop with its first pixel at x, y, without resampling."""
    return Placement(np.array([(1.0, 0.0, -x), (0.0, 1.0, -y)]), size, warped=False)


def _level(placement: Placement, scale: float, angle: float) -> bool:
    turned = abs(math.atan2(placement.matrix[1, 0], placement.matrix[0, 0]))
    return turned <= angle and 1 / scale <= placement.scale <= scale
