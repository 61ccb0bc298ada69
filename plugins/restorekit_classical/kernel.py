"""What is done to an estimated kernel: start, clean-up, centring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


_EIGHT = np.ones((3, 3), int)


def bar(side: int) -> Array:
    """A kernel to start from: two pixels side by side, one half each (Krishnan et al. 2011, their code's start)."""
    kernel = np.zeros((side, side))
    kernel[side // 2, side // 2 - 1 : side // 2 + 1] = 0.5
    return kernel


def spot(side: int) -> Array:
    """A kernel to start from that has no direction: the middle 3 x 3 pixels alike."""
    kernel = np.zeros((side, side))
    kernel[side // 2 - 1 : side // 2 + 2, side // 2 - 1 : side // 2 + 2] = 1 / 9
    return kernel


def delta(side: int) -> Array:
    """The kernel of no blur."""
    kernel = np.zeros((side, side))
    kernel[side // 2, side // 2] = 1
    return kernel


def cleaned(kernel: Array, threshold: float, least_mass: float = 0.0) -> Array:
    """Make an estimate a kernel: nothing negative, faint or apart, and a sum of 1.

    Args:
        kernel: The estimate; one that has nothing positive gives a delta.
        threshold: Values below this share of the largest become 0.
        least_mass: Parts that touch no other, corners included, and hold less than this share become 0.
    """
    from scipy.ndimage import label, sum_labels

    kernel = np.where(kernel >= threshold * kernel.max(), np.maximum(kernel, 0), 0)
    if not kernel.sum() > 0:
        return delta(len(kernel))
    if least_mass:
        parts, count = label(kernel, _EIGHT)
        masses = sum_labels(kernel, parts, range(count + 1))
        heavy = masses >= min(least_mass * kernel.sum(), masses.max())
        kernel = kernel * heavy[parts]
    return kernel / kernel.sum()


def off_centre(kernel: Array) -> tuple[int, int]:
    """How many whole rows and columns the centre of mass lies beside the middle.

    Not more than the kernel can be moved by with no part of it falling over the edge.
    """
    return _off(kernel.sum(axis=1)), _off(kernel.sum(axis=0))


def _off(profile: Array) -> int:
    by = round(float(profile @ np.arange(len(profile)) / profile.sum())) - len(profile) // 2
    used = np.flatnonzero(profile)
    return int(np.clip(by, used[-1] - len(profile) + 1, used[0]))
