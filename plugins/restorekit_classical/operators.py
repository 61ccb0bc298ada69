"""Convolution and differences on a torus, by FFT, with their adjoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


def transfer(kernel: Array, shape: tuple[int, int]) -> Array:
    """Transfer function of a kernel whose middle element, ``side // 2``, is no shift.

    Args:
        kernel: h,w, at most ``shape``.
        shape: Height and width of the pictures that it shall act on.

    Returns:
        H,W // 2 + 1 complex, the real FFT of the kernel with its middle at the origin.
    """
    from scipy import fft

    placed = np.zeros(shape, kernel.dtype)
    height, width = kernel.shape
    placed[:height, :width] = kernel
    spectrum: Array = fft.rfft2(np.roll(placed, (-(height // 2), -(width // 2)), (0, 1)))
    return spectrum


def spectrum(image: Array) -> Array:
    """Real FFT of the last two axes."""
    from scipy import fft

    transformed: Array = fft.rfft2(image)
    return transformed


def picture(values: Array, shape: tuple[int, int]) -> Array:
    """Inverse of `spectrum`, for pictures of ``shape``."""
    from scipy import fft

    image: Array = fft.irfft2(values, s=shape)
    return image


def gradient(image: Array) -> Array:
    """Forward differences on the torus, of the last two axes.

    Returns:
        2,...,H,W: along x (columns), then along y (rows).
    """
    return np.stack([np.roll(image, -1, axis) - image for axis in (-1, -2)])


def gradient_adjoint(field: Array) -> Array:
    """Adjoint of `gradient`, which is minus the divergence: 2,...,H,W to ...,H,W."""
    x, y = field
    adjoint: Array = np.roll(x, 1, -1) - x + np.roll(y, 1, -2) - y
    return adjoint


def laplace_transfer(shape: tuple[int, int], dtype: Any = np.float64) -> Array:
    """Transfer function of ``gradient_adjoint(gradient(.))``: H,W // 2 + 1, real, not negative."""
    height, width = shape
    y = 2 - 2 * np.cos(2 * np.pi * np.arange(height) / height)
    x = 2 - 2 * np.cos(2 * np.pi * np.arange(width // 2 + 1) / width)
    return np.asarray(y[:, None] + x, dtype)
