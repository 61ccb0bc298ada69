"""The degradation ``linear_blur``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .kernel import fill, rasterise
from .uniform import MotionBlur

if TYPE_CHECKING:
    from restorekit import Array

STEPS = 8
"""Samples of the path for each pixel of the size."""


@dataclass(frozen=True)
class LinearBlur(MotionBlur):
    """Straight motion at constant speed, in any direction."""

    def draw(self, rng: np.random.Generator, size: int, count: int) -> Array:
        """Draw kernels of one size."""
        angle = 2 * np.pi * rng.random(count)
        paths = np.linspace(-1, 1, STEPS * size)[:, None, None] * np.stack([np.cos(angle), np.sin(angle)])
        return rasterise(fill(rng, paths, size, self.centring), size)
