"""The linear estimate with unknown borders: a restorer by itself, and where the others begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .base import Progress
from .border import Frame
from .operators import laplace_transfer, picture, spectrum, transfer

if TYPE_CHECKING:
    from restorekit import Array

BALANCE = 4e-3
"""Power of the noise over that of the picture's gradients; 0.004 of noise over gradients of 0.06."""

ROUNDS = 40
"""Iterations after which a frame of the widest kernels that small pictures take is filled, too."""


def least_squares(
    blurred: Array,
    kernel: Array,
    balance: float = BALANCE,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> Array:
    """Minimise ``|M (k * x) - y|^2 + balance |grad x|^2`` for an x that reaches beyond y.

    Without the mask M, which leaves the border unknown, Wiener's filter would do that. With it conjugate gradients do,
    with the filter as preconditioner.

    Args:
        blurred: ...,H,W y.
        kernel: h,w with its middle element no shift, of sum 1.
        balance: Weight of the gradients.
        rounds: Most iterations.
        progress: Told of every iteration, as a share.

    Returns:
        x on the whole torus of ``Frame.around``, of the type of ``blurred``.
    """
    frame = Frame.around(blurred, max(kernel.shape))
    blur = transfer(kernel.astype(blurred.dtype), frame.shape)
    prior = balance * laplace_transfer(frame.shape, blurred.dtype)
    filtered = 1 / (np.abs(blur) ** 2 + prior)
    mask = frame.mask.astype(blurred.dtype)

    def normal(x: Array) -> Array:
        transformed = spectrum(x)
        seen = mask * picture(blur * transformed, frame.shape)
        return picture(np.conj(blur) * spectrum(seen) + prior * transformed, frame.shape)

    x = frame.extend(blurred)
    measured = frame.complete(blurred, np.zeros_like(x))
    residual = picture(np.conj(blur) * spectrum(measured), frame.shape) - normal(x)
    ahead = picture(filtered * spectrum(residual), frame.shape)
    direction, power = ahead, _dot(residual, ahead)
    for n in range(rounds):
        if not (power > 1e-12).all():
            break
        image = normal(direction)
        step = power / _dot(direction, image)
        x = x + step * direction
        residual = residual - step * image
        ahead = picture(filtered * spectrum(residual), frame.shape)
        power, before = _dot(residual, ahead), power
        direction = ahead + power / before * direction
        if progress is not None:
            progress((n + 1) / rounds)
    return x


def _dot(a: Array, b: Array) -> Array:
    """Inner product of each plane: ...,1,1."""
    return (a * b).sum(axis=(-2, -1), keepdims=True)
