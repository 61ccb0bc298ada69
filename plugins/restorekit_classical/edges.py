"""Strong edges, predicted from a blurred estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


def bilateral(image: Array, radius: int, sigma_space: float, sigma_range: float) -> Array:
    """Bilateral filter of H,W over a square window (Tomasi and Manduchi, ICCV 1998)."""
    padded = np.pad(image, radius, mode="edge")
    total, norm = np.zeros_like(image), np.zeros_like(image)
    height, width = image.shape
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            other = padded[radius + dy : radius + dy + height, radius + dx : radius + dx + width]
            weight = np.exp(
                -(dy**2 + dx**2) / (2 * sigma_space**2) - (other - image) ** 2 / (2 * sigma_range**2)
            )
            total += weight * other
            norm += weight
    return total / norm


def shocked(image: Array, step: float) -> Array:
    """Take one step of the shock filter: ``I - sign(laplacian I) |grad I| step``.

    Osher and Rudin, SIAM J. Num. Anal. 27(4), 1990, as Cho and Lee 2009 use it (equation 4).
    """
    padded = np.pad(image, 1, mode="edge")
    x = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    y = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    laplacian = padded[1:-1, 2:] + padded[1:-1, :-2] + padded[2:, 1:-1] + padded[:-2, 1:-1] - 4 * image
    sharper: Array = image - np.sign(laplacian) * np.hypot(x, y) * step
    return sharper


def inner_gradient(image: Array) -> Array:
    """Forward differences of H,W along x and y: 2,H,W, 0 beyond the last column and row."""
    x = np.diff(image, axis=1, append=image[:, -1:])
    y = np.diff(image, axis=0, append=image[-1:])
    return np.stack([x, y])


def gradient_threshold(field: Array, least: int) -> float:
    """Length above which each of four ranges of direction still has ``least`` gradients (Cho and Lee 2009, 4.2).

    It is the smallest of the four ranges' cut-offs. A range with fewer gradients than that has no say.

    Args:
        field: 2,H,W.
        least: Gradients that each range shall keep.
    """
    length = np.hypot(*field)
    quarter = np.floor(np.arctan2(field[1], field[0]) / (np.pi / 4)).astype(int) % 4
    cuts = [
        np.partition(some, -least)[-least]
        for some in (length[(quarter == n) & (length > 0)] for n in range(4))
        if len(some) >= least
    ]
    return float(min(cuts, default=0.0))


def strong(field: Array, threshold: float) -> Array:
    """Set gradients shorter than ``threshold`` to 0: 2,H,W."""
    return field * (np.hypot(*field) >= threshold)
