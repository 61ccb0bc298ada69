"""From trajectories to blur kernels."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Centring = Literal["box", "centroid"]


def centre(paths: Array, centring: Centring) -> Array:
    """Shift each trajectory, to the fraction of a pixel, so that its centre lies at 0.

    Args:
        paths: (steps, count) complex, in pixels.
        centring: ``box`` for the middle of the bounding box, ``centroid`` for the mean of the samples.
    """
    if centring == "centroid":
        return paths - paths.mean(axis=0)
    x, y = paths.real, paths.imag
    return paths - (x.min(axis=0) + x.max(axis=0) + 1j * (y.min(axis=0) + y.max(axis=0))) / 2


def reach(paths: Array) -> Array:
    """Return the greatest distance from 0 along either axis of each of ``paths``: (count,), in pixels."""
    return np.maximum(np.abs(paths.real).max(axis=0), np.abs(paths.imag).max(axis=0))


def rasterise(paths: Array, width: int) -> Array:
    """Spread every sample over its four nearest pixels, bilinearly, with equal weight.

    Args:
        paths: (steps, count) complex, 0 at the kernel's middle pixel; reach at most (width - 1) / 2.
        width: Side of the kernels in pixels, odd.

    Returns:
        (count, width, width) float32, not negative, each with sum 1. Their centroids are those of ``paths``.
    """
    steps, count = paths.shape
    x, y = paths.real + width // 2, paths.imag + width // 2
    left, top = np.minimum(x.astype(np.intp), width - 2), np.minimum(y.astype(np.intp), width - 2)
    x, y = x - left, y - top
    corner = (np.arange(count) * width + top) * width + left
    kernels = np.zeros(count * width * width)
    for offset, weight in (
        (0, (1 - x) * (1 - y)),
        (1, x * (1 - y)),
        (width, (1 - x) * y),
        (width + 1, x * y),
    ):
        kernels += np.bincount((corner + offset).ravel(), weight.ravel(), kernels.size)
    return (kernels / steps).astype(np.float32).reshape(count, width, width)
