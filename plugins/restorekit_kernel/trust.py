"""What a kernel says about the blur of a restored picture, by NumPy; ``trust_module`` is the same within a network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

FAINT = 0.05
"""Part of a kernel's peak below which its values are taken for none: an estimate is nowhere quite zero."""

LEAST_NOISE = 0.5 / 255
"""Rounding to 8 bits is noise of this order; less is not told from none."""


def spread(kernel: Array) -> float:
    """Return the standard deviation along the longer axis of K,K, in pixels; a delta has 0."""
    strong = np.maximum(kernel.astype(np.float64) - FAINT * kernel.max(), 0)
    mass = strong / max(strong.sum(), 1e-12)
    at = np.arange(len(kernel))
    rows, columns = mass.sum(axis=1), mass.sum(axis=0)
    y, x = rows @ at, columns @ at
    yy, xx = rows @ at**2 - y**2, columns @ at**2 - x**2
    xy = at @ mass @ at - x * y
    longer = (xx + yy) / 2 + math.hypot((xx - yy) / 2, xy)
    return math.sqrt(max(longer, 0))


def noise(image: Array) -> float:
    """Return the standard deviation of the noise of H,W,3 (Immerkaer, CVIU 64(2), 1996), of 8 bits at least."""
    rows = image[:-2] - 2 * image[1:-1] + image[2:]
    high = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]).mean()
    return max(float(high) * math.sqrt(math.pi / 2) / 6, LEAST_NOISE)


def reblur_error(blurred: Array, restored: Array, kernel: Array) -> float:
    """Return how badly a result explains its input: the RMS of k * restored - blurred, in units of its noise.

    The border that the kernel reaches over is left out, if the picture is larger than that.

    Args:
        blurred: H,W,3 float32 in [0, 1].
        restored: H,W,3 float32.
        kernel: K,K, K odd.
    """
    border = min(len(kernel) // 2, min(blurred.shape[:2]) // 4)
    residual = (reblur(restored, kernel) - blurred)[border:-border, border:-border]
    return math.sqrt(float(np.square(residual, dtype=np.float64).mean())) / noise(blurred)


def reblur(image: Array, kernel: Array) -> Array:
    """Convolve H,W,3 with K,K; beyond the border the outermost pixels go on."""
    reach = len(kernel) // 2
    wide = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    size = wide.shape[:2]
    product = np.fft.rfft2(wide, axes=(0, 1)) * np.fft.rfft2(kernel, size)[..., None]
    return np.fft.irfft2(product, size, axes=(0, 1))[2 * reach :, 2 * reach :]
