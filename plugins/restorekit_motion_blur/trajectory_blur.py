"""The degradation ``trajectory_blur``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import RestorekitError

from .kernel import centre, rasterise, reach
from .trajectory import STEPS, draw_trajectories, expose
from .uniform import MotionBlur

if TYPE_CHECKING:
    from restorekit import Array

CHUNK = 8192
EVERY = 8
PATIENCE = 20_000
"""Trajectories tried before giving up where fewer than one in 2,000 fits."""


@dataclass(frozen=True)
class TrajectoryBlur(MotionBlur):
    """Uniform camera shake: kernels traced by random trajectories (Boracchi and Foi, IEEE TIP 21(8), 2012).

    Anxiety is log-uniform, the path length uniform. A trajectory is kept if twice its reach (with ``box``: the
    longer side of its bounding box) is more than ``size - 5`` and at most ``size - 2``, so that its bilinear
    spread touches nothing outside the support. About one in six is kept.

    Attributes:
        anxiety: Least and greatest anxiety; more of it makes the path more crooked.
        length: Least and greatest length of the whole path, as a multiple of the size.
        exposure: Shares of the path, from its start, during which the shutter is open, all equally likely.
    """

    anxiety: tuple[float, float] = (5e-4, 0.03)
    length: tuple[float, float] = (1.0, 2.5)
    exposure: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("anxiety", "length"):
            low, high = getattr(self, name)
            if not 0 < low <= high < np.inf:
                raise ValueError(f"{name} must be [low, high] with 0 < low <= high, not {[low, high]}")
        if not self.exposure or not all(0 < share <= 1 for share in self.exposure):
            raise ValueError(f"exposure must be shares above 0 and up to 1, not {list(self.exposure)}")

    def draw(self, rng: np.random.Generator, size: int, count: int) -> Array:
        """Draw kernels of one size, by rejection.

        Raises:
            RestorekitError: If almost no trajectory of these ranges fits the size.
        """
        kept: list[Array] = []
        missing, tried = count, 0
        while missing:
            candidates = min(CHUNK, 16 + 12 * missing)
            paths = self._paths(rng, size, candidates)
            rough = 2 * reach(centre(paths[::EVERY], self.centring))  # most can be told from a few samples
            slack = 3 * EVERY * self.length[1] * size / STEPS
            paths = np.compress(abs(rough - (size - 3.5)) < 1.5 + slack, paths, axis=-1)
            paths = centre(paths, self.centring)
            extent = 2 * reach(paths)
            fitting = np.flatnonzero((extent > size - 5) & (extent <= size - 2))[:missing]
            kept.append(rasterise(np.take(paths, fitting, axis=-1), size))
            missing -= len(fitting)
            tried += candidates
            if tried > PATIENCE and tried > 2000 * (count - missing):
                ranges = f"anxiety {list(self.anxiety)} and length {list(self.length)}"
                raise RestorekitError(
                    f"paths of {ranges} almost never fill {size} pixels",
                    "widen the ranges: length is a multiple of the size, more anxiety or less exposure makes "
                    "smaller kernels",
                )
        return np.concatenate(kept)

    def _paths(self, rng: np.random.Generator, size: int, count: int) -> Array:
        anxiety = np.exp(rng.uniform(*np.log(self.anxiety), count))
        paths = draw_trajectories(rng, anxiety, size * rng.uniform(*self.length, count))
        return paths if self.exposure == (1.0,) else expose(paths, rng.choice(self.exposure, count))
