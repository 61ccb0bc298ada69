"""The degradation ``spline_blur``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .kernel import fill
from .uniform import MotionBlur

if TYPE_CHECKING:
    from restorekit import Array

STEPS = 20
"""Samples of the path for each pixel of the size: so many that none is passed over."""
POINTS = 6
DEVIATION = 0.5
"""Of the weights of the pixels around 1."""


@cache
def _basis(steps: int) -> Array:
    """Return (steps, POINTS): what a cubic spline through unit control points is along its way."""
    from scipy.interpolate import CubicSpline

    basis: Array = CubicSpline(np.arange(POINTS), np.eye(POINTS))(np.linspace(0, POINTS - 1, steps))
    return basis


@dataclass(frozen=True)
class SplineBlur(MotionBlur):
    """A spline through six random points, its pixels of random brightness (Chakrabarti, ECCV 2016).

    The pixels that the path touches weigh max(0, 1 + n / 2) with n standard normal, each by itself; the path
    is scaled to its size. With ``centroid`` it is the path's, before the weights.
    """

    def draw(self, rng: np.random.Generator, size: int, count: int) -> Array:
        """Draw kernels of one size."""
        paths = (_basis(STEPS * size) @ rng.random((POINTS, 2 * count))).reshape(-1, 2, count)
        paths = fill(rng, paths, size, self.centring)
        x, y = np.rint(paths).astype(np.intp).swapaxes(0, 1) + size // 2
        kernels = np.zeros((count, size, size))
        kernels[np.arange(count), y, x] = 1
        kernels *= np.maximum(0, 1 + DEVIATION * rng.standard_normal(kernels.shape))
        kernels[:, size // 2, size // 2] += np.where(kernels.any(axis=(1, 2)), 0, 1)  # all weights may be 0
        return (kernels / kernels.sum(axis=(1, 2), keepdims=True)).astype(np.float32)
