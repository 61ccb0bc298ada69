"""Blur of the lens: ``defocus_blur`` and ``gaussian_blur``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .uniform import UniformBlur

if TYPE_CHECKING:
    from restorekit import Array

FINE = 9
"""Points along each side of a pixel at which its share of a disk is found."""


def _check(name: str, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if not 0 < low <= high < np.inf:
        raise ValueError(f"{name} must be [low, high] with 0 < low <= high, not {[low, high]}")


@dataclass(frozen=True)
class DefocusBlur(UniformBlur):
    """An object out of focus: a disk of even light, the circle of confusion of geometrical optics.

    Attributes:
        radius: Least and greatest radius of the disk in pixels; uniform between them.

    Raises:
        ValueError: If ``radius`` is not positive, not finite, or the wrong way round.
    """

    radius: tuple[float, float] = (0.5, 6.0)

    def __post_init__(self) -> None:
        _check("radius", self.radius)

    @property
    def margin(self) -> int:
        """As many pixels as the largest disk reaches."""
        return max(math.ceil(self.radius[1] - 0.5), 0)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a radius.

        Returns:
            ``kernel``, (K, K) float32, K = 2 margin + 1, each pixel by its share of the disk.
        """
        radius, side = rng.uniform(*self.radius), 2 * self.margin + 1
        at = (np.arange(side * FINE) - (side * FINE - 1) / 2) / FINE
        inside = at[:, None] ** 2 + at**2 <= radius**2
        kernel = inside.reshape(side, FINE, side, FINE).sum(axis=(1, 3), dtype=np.float32)
        return {"kernel": kernel / kernel.sum()}


@dataclass(frozen=True)
class GaussianBlur(UniformBlur):
    """An isotropic Gaussian, as of a soft lens or of the air; cut at three sigma.

    Attributes:
        sigma: Least and greatest standard deviation in pixels; uniform between them.

    Raises:
        ValueError: If ``sigma`` is not positive, not finite, or the wrong way round.
    """

    sigma: tuple[float, float] = (0.3, 3.0)

    def __post_init__(self) -> None:
        _check("sigma", self.sigma)

    @property
    def margin(self) -> int:
        """Three times the largest sigma."""
        return math.ceil(3 * self.sigma[1])

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a sigma.

        Returns:
            ``kernel``, (K, K) float32, K = 2 margin + 1.
        """
        sigma = rng.uniform(*self.sigma)
        bell = np.exp(-(np.arange(-self.margin, self.margin + 1) ** 2) / (2 * sigma**2))
        kernel = (np.outer(bell, bell) / bell.sum() ** 2).astype(np.float32)
        return {"kernel": kernel}
