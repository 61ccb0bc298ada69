"""Deconvolution with a known kernel and unknown borders, for any prior on gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .base import part
from .border import Frame
from .least_squares import least_squares
from .operators import gradient, gradient_adjoint, laplace_transfer, picture, spectrum, transfer

if TYPE_CHECKING:
    from restorekit import Array

_BEGUN = 0.5
"""Share of the work that the linear estimate takes, about."""


def deconvolve(
    blurred: Array,
    kernel: Array,
    shrink: Callable[[Array, float], Array],
    weight: float,
    betas: Sequence[float],
    progress: Callable[[float], None] | None = None,
) -> Array:
    """Minimise ``weight / 2 |M (k * x) - y|^2 + sum phi(grad x)`` for an x that reaches beyond y.

    Half-quadratic splitting with w for ``grad x``, its penalty rising through ``betas`` (Krishnan and Fergus 2009,
    section 2). A second variable u stands for ``k * x`` with a multiplier, so that the mask M, which leaves the border
    unknown, is a division by pixels, and x a division by frequencies (Almeida and Figueiredo, IEEE TIP 22(8), 2013,
    section III). So few rounds do not fill the border: they begin with the linear estimate, which reaches beyond it.

    Args:
        blurred: ...,H,W y.
        kernel: h,w with its middle element no shift, of sum 1.
        shrink: From ``grad x`` (2,...,H,W) and beta to the w that minimises ``phi(w) + beta / 2 |w - grad x|^2``.
        weight: Of the data.
        betas: The penalties, rising.
        progress: Told how far it is, as a share.

    Returns:
        ...,H,W of the type of ``blurred``.
    """
    frame = Frame.around(blurred, max(kernel.shape))
    blur = transfer(kernel.astype(blurred.dtype), frame.shape)
    energy, laplace = np.abs(blur) ** 2, laplace_transfer(frame.shape, blurred.dtype)
    x = least_squares(blurred, kernel, progress=part(progress, 0, _BEGUN))
    y, mask = frame.complete(blurred, np.zeros_like(x)), frame.mask.astype(blurred.dtype)
    multiplier = np.zeros_like(x)
    reblurred = picture(blur * spectrum(x), frame.shape)
    further = part(progress, _BEGUN, 1)
    for n, beta in enumerate(betas, start=1):
        w = shrink(gradient(x), beta)
        u = (mask * y + reblurred - multiplier) / (mask + 1)
        known = weight * np.conj(blur) * spectrum(u + multiplier) + beta * spectrum(gradient_adjoint(w))
        transformed = known / (weight * energy + beta * laplace)
        x = picture(transformed, frame.shape)
        reblurred = picture(blur * transformed, frame.shape)
        multiplier += u - reblurred
        if further is not None:
            further(n / len(betas))
    return frame.crop(x)


def rising(first: float, factor: float, last: float) -> list[float]:
    """The penalties ``first``, ``first * factor`` ... below ``last``."""
    betas = [first]
    while betas[-1] * factor < last:
        betas.append(betas[-1] * factor)
    return betas
