"""The exemplar whose contours fit a blurred face best, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .edges import inner_gradient
from .pyramid import reduced

if TYPE_CHECKING:
    from restorekit import Array

SIDE = 64
"""Shorter side of the pictures that are compared, in pixels."""

REACH = 1 / 8
"""How far from the middle an exemplar is looked for, in shorter sides: the faces are aligned, about."""

STRONGEST = 0.1
"""Share of an exemplar's pixels that count as contours."""


@dataclass(frozen=True)
class Place:
    """How an exemplar lies in a picture.

    Attributes:
        scale: Its height over the picture's shorter side.
        angle: Counter-clockwise, in degrees.
        rows: How far its middle lies below the picture's middle, in shorter sides.
        columns: How far it lies to the right.
    """

    scale: float
    angle: float
    rows: float = 0.0
    columns: float = 0.0


def contours(face: Array, place: Place, shape: tuple[int, int]) -> Array:
    """Gradients of an exemplar in a picture of ``shape``, 2,H,W: the strongest within the oval of the face, else 0."""
    from scipy.ndimage import affine_transform

    short = min(shape)
    zoom = len(face) / (place.scale * short)
    cos, sin = np.cos(np.deg2rad(place.angle)) * zoom, np.sin(np.deg2rad(place.angle)) * zoom
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = (np.array(shape) - 1) / 2 + short * np.array([place.rows, place.columns])
    offset = (np.array(face.shape) - 1) / 2 - turn @ middle
    field = inner_gradient(affine_transform(face, turn, offset, shape, order=1, mode="nearest"))
    y, x = np.mgrid[: shape[0], : shape[1]]
    oval = np.hypot((y - middle[0]) / 0.45, (x - middle[1]) / 0.36) <= place.scale * short
    field *= oval
    length = np.hypot(*field)
    return field * (length >= np.quantile(length, 1 - STRONGEST))


def best_place(
    grey: Array, faces: Sequence[Array], scales: Sequence[float], angles: Sequence[float]
) -> tuple[Array, Place]:
    """Find the exemplar and the place of most ``sum grad B . grad T / (|grad B| |grad T|)``.

    Args:
        grey: H,W blurred B.
        faces: The exemplars, grey.
        scales: That are tried.
        angles: That are tried, degrees.
    """
    from scipy.fft import irfft2, rfft2

    small = reduced(grey, min(SIDE / min(grey.shape), 1))
    shape = small.shape
    seen = rfft2(inner_gradient(small))
    best, found = -np.inf, (faces[0], Place(1.0, 0.0))
    reach = round(REACH * min(shape))
    for face, place in _tries(faces, scales, angles):
        field = contours(face, place, shape)
        length = np.sqrt((field**2).sum())
        if not length > 0:
            continue
        agreement = np.roll(irfft2((seen * np.conj(rfft2(field))).sum(axis=0), shape), (reach, reach), (0, 1))
        window = agreement[: 2 * reach + 1, : 2 * reach + 1] / length
        if window.max() > best:
            best = window.max()
            rows, columns = np.array(np.unravel_index(window.argmax(), window.shape)) - reach
            short = min(shape)
            found = face, Place(place.scale, place.angle, rows / short, columns / short)
    return found


def _tries(
    faces: Sequence[Array], scales: Sequence[float], angles: Sequence[float]
) -> Iterator[tuple[Array, Place]]:
    for face in faces:
        for scale in scales:
            for angle in angles:
                yield face, Place(scale, angle)
