"""How sure a difference is, over the pictures and the kernels that might have been drawn instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit.contracts import Array

DRAWS = 2000

INTERVAL = (
    "95 % of 2,000 bootstrap draws that take pictures and kernels again, each with replacement, of the paired "
    "differences, averaged over seeds: how other pictures and kernels would differ, not other seeds"
)


def paired_interval(differences: Array, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the mean of paired differences, pictures and kernels both drawn again.

    The pigeonhole bootstrap of Owen, Annals of Applied Statistics 2007: rows and columns of a crossed design are
    resampled independently, since all pairs of one picture are alike, and all of one kernel.

    Args:
        differences: pictures,kernels; finite.
        seed: Of the draws.

    Returns:
        The 2.5th and the 97.5th percentile.
    """
    rng = np.random.default_rng(seed)
    pictures, kernels = differences.shape
    of_pictures = rng.multinomial(pictures, np.full(pictures, 1 / pictures), DRAWS) / pictures
    of_kernels = rng.multinomial(kernels, np.full(kernels, 1 / kernels), DRAWS) / kernels
    means = np.einsum("di,ik,dk->d", of_pictures, differences, of_kernels, optimize=True)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
