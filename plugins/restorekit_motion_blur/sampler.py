"""Kernels of a wanted size, by rejection."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorekit import RestorekitError

from .kernel import Centring, centre, rasterise, reach
from .trajectory import draw_trajectories

Array = np.ndarray[Any, Any]

ANXIETY = (5e-4, 0.03)
LENGTH = (1.0, 2.5)

CHUNK = 1024
PATIENCE = 20_000
"""Trajectories tried before giving up where fewer than one in 2,000 fits."""


def draw_kernels(
    rng: np.random.Generator,
    size: int,
    count: int,
    *,
    anxiety: tuple[float, float] = ANXIETY,
    length: tuple[float, float] = LENGTH,
    centring: Centring = "box",
    width: int | None = None,
) -> Array:
    """Draw kernels whose trajectories roughly fill a support of ``size`` x ``size``.

    Anxiety is log-uniform and the path length uniform; a trajectory is kept if twice its reach (with ``box``:
    the longer side of its bounding box) is more than ``size - 5`` and at most ``size - 2``, so that its
    bilinear spread touches nothing outside the support. About one in six is kept.

    Args:
        rng: Source of all randomness.
        size: Side of the support in pixels, odd, at least 3.
        count: How many kernels, at least 1.
        anxiety: Least and greatest anxiety, more than 0.
        length: Least and greatest path length as a multiple of ``size``.
        centring: What lies at the middle pixel: of the bounding ``box``, or the ``centroid``.
        width: Side of the arrays, odd, at least ``size``; None for ``size``.

    Returns:
        (count, width, width) float32, not negative, each with sum 1.

    Raises:
        RestorekitError: If almost no trajectory of these ranges fits the size.
    """
    kept: list[Array] = []
    missing, tried = count, 0
    while missing:
        candidates = min(CHUNK, 16 + 8 * missing)
        paths = draw_trajectories(
            rng,
            np.exp(rng.uniform(*np.log(anxiety), candidates)),
            size * rng.uniform(*length, candidates),
        )
        paths = centre(paths, centring)
        extent = 2 * reach(paths)
        fitting = np.flatnonzero((extent > size - 5) & (extent <= size - 2))[:missing]
        kept.append(rasterise(paths[:, fitting], width or size))
        missing -= len(fitting)
        tried += candidates
        if tried > PATIENCE and tried > 2000 * (count - missing):
            raise RestorekitError(
                f"paths of anxiety {list(anxiety)} and length {list(length)} almost never fill {size} pixels",
                "widen the ranges: length is a multiple of the size, and more anxiety makes smaller kernels",
            )
    return np.concatenate(kept)
