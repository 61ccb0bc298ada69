"""From paths to blur kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array
Centring = Literal["box", "centroid"]
CENTRINGS = get_args(Centring)
BLOCK = 64


def centre(paths: Array, centring: Centring) -> Array:
    """Shift each path, to the fraction of a pixel, so that its centre lies at 0.

    Args:
        paths: (steps, 2, count), x and y in pixels.
        centring: ``box`` for the middle of the bounding box, ``centroid`` for the mean of the samples.
    """
    if centring == "centroid":
        return paths - paths.mean(axis=0)
    return paths - (paths.min(axis=0) + paths.max(axis=0)) / 2


def reach(paths: Array) -> Array:
    """Return the greatest distance from 0 along either axis of each of ``paths``: (count,), in pixels."""
    farthest: Array = np.abs(paths).max(axis=(0, 1))
    return farthest


def fill(rng: np.random.Generator, paths: Array, size: int, centring: Centring) -> Array:
    """Centre each path and scale it, so that it fills a support of ``size`` as a trajectory that is kept does.

    Twice its reach becomes uniform between ``size - 5`` (0 for the smallest) and ``size - 2``.

    Args:
        rng: Source of the extents.
        paths: (steps, 2, count), none of them a point.
        size: Side of the support in pixels.
        centring: What lies at 0.
    """
    paths = centre(paths, centring)
    return paths * (rng.uniform(max(size - 5, 0), size - 2, paths.shape[2]) / (2 * reach(paths)))


def rasterise(paths: Array, width: int) -> Array:
    """Spread every sample over its four nearest pixels, bilinearly, with equal weight.

    Args:
        paths: (steps, 2, count), x and y, 0 at the kernel's middle pixel; reach at most (width - 1) / 2.
        width: Side of the kernels in pixels, odd.

    Returns:
        (count, width, width) float32, not negative, each with sum 1. Their centroids are those of ``paths``.
    """
    parts = range(0, max(paths.shape[2], 1), BLOCK)  # a few at a time stay in the processor's cache
    return np.concatenate([_rasterise(paths[..., first : first + BLOCK], width) for first in parts])


def _rasterise(paths: Array, width: int) -> Array:
    steps, _, count = paths.shape
    at = paths + paths.dtype.type(width // 2)
    corners = np.minimum(np.floor(at), width - 2)
    x, y = (at - corners).swapaxes(0, 1)
    left, top = corners.astype(np.intp).swapaxes(0, 1)
    corner = ((np.arange(count) * width + top) * width + left).ravel()
    both = x * y
    kernels = np.zeros(count * width * width)
    for offset, weight in ((0, 1 - x - y + both), (1, x - both), (width, y - both), (width + 1, both)):
        # Shifting the sums is less work than shifting every sample.
        kernels[offset:] += np.bincount(corner, weight.ravel(), kernels.size)[: kernels.size - offset]
    return (kernels / steps).astype(np.float32).reshape(count, width, width)


def pad(kernels: Array, width: int) -> Array:
    """Put (count, size, size) in the middle of (count, width, width), both odd."""
    border = (width - kernels.shape[-1]) // 2
    return np.pad(kernels, ((0, 0), (border, border), (border, border)))
