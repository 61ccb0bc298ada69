"""How blurred a face, or each part of a photo, is by its edges, where no model tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.geometry import Template

if TYPE_CHECKING:
    from restorekit import Array

_FIRST, _SECOND = 1.0, 2.0
_SHARP = 1.0
"""Pixels: how wide the edges of a sharp photo are, as pixels and lenses blur too; it is taken off."""

_DIRECTIONS = 8
_EDGES = 0.05
_PART = 64
_QUARTER = 4
_LOST = 0.9
"""Grey levels of 255, root mean square: rounding is 0.3; a camera's noise of one level alone would be 0.97."""
_REGION = ((-1.2, 1.2), (-0.57, 1.8))
"""The face along x and y from the middle of its eyes, in eye distances: what lies behind may be out of focus."""


def blur_width(crop: Array, template: Template) -> float:
    """Estimate the blur of a face along the direction in which it is widest.

    An edge blurred by a Gaussian of width s, and again by one of width t, is weaker by R with R^2 = 1 + t^2 / s^2,
    which gives s (S. Zhuo and T. Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011). They
    take the gradient's magnitude; here each of eight directions is measured by its own strongest edges, the median of
    them, and the widest counts, as motion blurs along one direction only. A blur of 1 pixel before meets noise, and its
    width is taken off again. So is that of the edges of a sharp photo, about 1.

    Args:
        crop: S,S,3 float32, aligned to the template.
        template: Where the face lies.

    Returns:
        Standard deviation of the kernel that blurred it, pixels of the crop.
    """
    return _widest(_gradients(crop), _face(template))[0]


def blur_map(pixels: Array) -> tuple[Array, Array]:
    """Estimate the blur of each part of a photo, in the same way.

    Args:
        pixels: H,W,3 uint8 or uint16.

    Returns:
        For parts of about 64 x 64 pixels, R,C each: the standard deviation of the kernel in pixels, and how strong the
        edges are that say so: the gradient's magnitude, of colours in [0, 1], for each pixel.
    """
    gradients = _gradients(pixels / np.float32(np.iinfo(pixels.dtype).max))
    rows, columns = (_cuts(side) for side in pixels.shape[:2])
    told = [
        [
            _widest(gradients, (slice(*across), slice(*along)))
            for along in zip(columns, columns[1:], strict=False)
        ]
        for across in zip(rows, rows[1:], strict=False)
    ]
    widths, strengths = np.moveaxis(np.array(told), -1, 0)
    return widths, strengths


def is_enlarged(pixels: Array) -> bool:
    """Tell whether a picture was enlarged from a much smaller one, as little is lost when it is shrunk to a quarter.

    What a camera took has noise in its finest detail, or edges along which it did not move. An enlarged picture has
    neither, and its blocks of JPEG have grown with it: a network that sharpens it makes wrinkles of them.

    Args:
        pixels: H,W,3 uint8 or uint16.
    """
    import cv2

    height, width = (side // _QUARTER * _QUARTER for side in pixels.shape[:2])
    if min(height, width) < 4 * _QUARTER:
        return False
    whole = pixels[:height, :width].astype(np.float32) * (255 / np.iinfo(pixels.dtype).max)
    small = cv2.resize(whole, (width // _QUARTER, height // _QUARTER), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    lost = (again - whole)[_QUARTER:-_QUARTER, _QUARTER:-_QUARTER]
    return float(np.sqrt(np.mean(lost**2))) < _LOST


def _cuts(side: int) -> list[int]:
    count = max(round(side / _PART), 1)
    return [side * i // count for i in range(count + 1)]


def _gradients(colours: Array) -> list[tuple[Array, Array]]:
    """Return the gradients along x and y of H,W,3 in [0, 1], blurred once and twice."""
    import cv2

    grey = colours.astype(np.float32).mean(axis=2)
    once = cv2.GaussianBlur(grey, (0, 0), _FIRST, borderType=cv2.BORDER_REFLECT_101)
    twice = cv2.GaussianBlur(once, (0, 0), _SECOND, borderType=cv2.BORDER_REFLECT_101)
    return [(across, down) for down, across in map(np.gradient, (once, twice))]


def _widest(gradients: list[tuple[Array, Array]], region: tuple[slice, slice]) -> tuple[float, float]:
    """Return the width along the direction in which it is widest, and the strength of the strongest edges."""
    here = [(across[region], down[region]) for across, down in gradients]
    told = [_width_along(here, angle) for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS]
    return max(width for width, _ in told), max(strength for _, strength in told)


def _width_along(gradients: list[tuple[Array, Array]], angle: float) -> tuple[float, float]:
    before, after = (np.abs(np.cos(angle) * x + np.sin(angle) * y) for x, y in gradients)
    edges = before >= np.quantile(before, 1 - _EDGES)
    strongest = before[edges]
    ratio = np.median(strongest / np.maximum(after[edges], 1e-6))
    width = np.sqrt(max(_SECOND**2 / max(ratio**2 - 1, 1e-3) - _FIRST**2 - _SHARP**2, 0))
    return float(width), float(np.median(strongest))


def _face(template: Template) -> tuple[slice, slice]:
    unit = np.hypot(*template.axis)
    (left, right), (top, bottom) = (
        np.clip(middle + unit * np.array(reach), 0, template.size).round().astype(int)
        for middle, reach in zip(template.middle, _REGION, strict=True)
    )
    return slice(top, bottom), slice(left, right)
