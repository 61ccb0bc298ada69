"""How blurred a face is by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.geometry import Template

if TYPE_CHECKING:
    from restorekit import Array

_FIRST, _SECOND = 1.0, 2.0
_DIRECTIONS = 8
_EDGES = 0.05
_REGION = ((-1.2, 1.2), (-0.57, 1.8))
"""The face along x and y from the middle of its eyes, in eye distances: what lies behind may be out of focus."""


def blur_width(crop: Array, template: Template) -> float:
    """Estimate the blur of a face along the direction in which it is widest.

    An edge blurred by a Gaussian of width s, and again by one of width t, is weaker by R with R^2 = 1 + t^2 / s^2,
    which gives s (S. Zhuo and T. Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011). They
    take the gradient's magnitude; here each of eight directions is measured by its own strongest edges, the median of
    them, and the widest counts, as motion blurs along one direction only. A blur of 1 pixel before meets noise, and its
    width is taken off again.

    Args:
        crop: S,S,3 float32, aligned to the template.
        template: Where the face lies.

    Returns:
        Standard deviation of the blur, pixels of the crop.
    """
    import cv2

    grey = crop.astype(np.float32).mean(axis=2)
    once = cv2.GaussianBlur(grey, (0, 0), _FIRST, borderType=cv2.BORDER_REFLECT_101)
    twice = cv2.GaussianBlur(once, (0, 0), _SECOND, borderType=cv2.BORDER_REFLECT_101)
    region = _face(template)
    gradients = [[step[region] for step in np.gradient(image)[::-1]] for image in (once, twice)]
    return max(_width_along(gradients, angle) for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS)


def _width_along(gradients: list[list[Array]], angle: float) -> float:
    before, after = (np.abs(np.cos(angle) * x + np.sin(angle) * y) for x, y in gradients)
    edges = before >= np.quantile(before, 1 - _EDGES)
    ratio = np.median(before[edges] / np.maximum(after[edges], 1e-6))
    return float(np.sqrt(max(_SECOND**2 / max(ratio**2 - 1, 1e-3) - _FIRST**2, 0)))


def _face(template: Template) -> tuple[slice, slice]:
    unit = np.hypot(*template.axis)
    (left, right), (top, bottom) = (
        np.clip(middle + unit * np.array(reach), 0, template.size).round().astype(int)
        for middle, reach in zip(template.middle, _REGION, strict=True)
    )
    return slice(top, bottom), slice(left, right)
