"""The way that the blind methods share: from a coarse kernel to the one at full size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress
from .kernel import bar, off_centre
from .pyramid import enlarged, moved, reduced, resized

if TYPE_CHECKING:
    from restorekit import Array

Level = Callable[["Array", "Array", "Array | None"], tuple["Array", "Array"]]
"""From a level's blurred picture (H,W), a kernel, and the estimate of the level before, to a kernel and an estimate."""


def coarse_to_fine(
    grey: Array,
    sides: Sequence[int],
    level: Level,
    progress: Progress | None = None,
    start: Callable[[int], Array] = bar,
) -> Array:
    """Estimate a kernel level by level.

    Args:
        grey: H,W blurred picture in [0, 1].
        sides: Odd sides of the kernel, coarse first; the picture of a level has ``side / sides[-1]`` of its size.
        level: What estimates at one level; kernel and estimate are brought to the size of the next, moved so
            that the kernel's centre of mass lies in its middle.
        progress: Told after each level, by its pixels.
        start: From the first side to the kernel to begin with.

    Returns:
        The kernel at full size, ``sides[-1]`` squared, of sum 1.
    """
    kernel, latent = start(sides[0]), None
    whole, done = sum(side**2 for side in sides), 0
    for side in sides:
        blurred = reduced(grey, side / sides[-1])
        latent = None if latent is None else resized(latent, blurred.shape)
        kernel, latent = level(blurred, enlarged(kernel, side), latent)
        rows, columns = off_centre(kernel)
        kernel, latent = np.roll(kernel, (-rows, -columns), (0, 1)), moved(latent, rows, columns)
        done += side**2
        if progress is not None:
            progress(done / whole)
    return kernel
