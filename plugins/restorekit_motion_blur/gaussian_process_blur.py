"""The degradation ``gaussian_process_blur``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .kernel import fill, rasterise
from .uniform import MotionBlur

if TYPE_CHECKING:
    from restorekit import Array

STEPS = 1000
KNOTS = 250
"""Moments at which the process is drawn; between them it is next to straight."""


LENGTH_SCALES = (0.01, 10.0)
"""Shorter ones fall between the knots; with longer ones every path is straight."""


@lru_cache(maxsize=8)
def _root(length_scale: float) -> Array:
    """Return the lower (KNOTS, KNOTS) whose product with its transpose is the Matern-5/2 covariance over [0, 1].

    Of all such roots that is the one which is the same on every machine, to rounding.
    """
    moments = np.linspace(0, 1, KNOTS)
    distance = np.sqrt(5) * np.abs(moments[:, None] - moments) / length_scale
    covariance = (1 + distance + distance**2 / 3) * np.exp(-distance)
    return np.linalg.cholesky(covariance + 1e-9 * np.eye(KNOTS))


def check_length_scale(length_scale: float) -> None:
    """Raise ValueError for a length scale that the process does not take."""
    low, high = LENGTH_SCALES
    if not low <= length_scale <= high:
        raise ValueError(f"length_scale must be {low:g} to {high:g}, not {length_scale}")


def draw_processes(rng: np.random.Generator, count: int, length_scale: float) -> Array:
    """Draw zero-mean Gaussian processes of unit variance with a Matern-5/2 covariance over the exposure.

    Args:
        rng: Source of all randomness.
        count: How many.
        length_scale: Of the covariance, as a share of the exposure.

    Returns:
        (STEPS, count) float64, uniform in time.
    """
    root = _root(length_scale)
    drawn = root @ rng.standard_normal((KNOTS, count))
    at = np.linspace(0, KNOTS - 1, STEPS)
    before = np.minimum(at.astype(np.intp), KNOTS - 2)
    return drawn[before] + (at - before)[:, None] * (drawn[before + 1] - drawn[before])


@dataclass(frozen=True)
class GaussianProcessBlur(MotionBlur):
    """Smooth camera motion of varying speed: each axis a Matern-5/2 Gaussian process (Schuler et al., PAMI 2016).

    The path is scaled to its size; where the camera is slow the kernel is bright.

    Attributes:
        length_scale: Of the process, as a share of the exposure; less of it makes the path more crooked.
    """

    length_scale: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        check_length_scale(self.length_scale)

    def draw(self, rng: np.random.Generator, size: int, count: int) -> Array:
        """Draw kernels of one size."""
        paths = draw_processes(rng, 2 * count, self.length_scale).reshape(STEPS, 2, count)
        return rasterise(fill(rng, paths, size, self.centring), size)
