"""Deconvolution about a first estimate."""

from __future__ import annotations

import math

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253

from restorekit_kernel.fourier_module import (
    Spectrum,
    conjugate_times,
    frequencies,
    image,
    kernel_spectrum,
    power,
    spectrum,
    times,
)


class WienerStep(nn.Module):
    """Wiener filtering of what a first estimate leaves unexplained, for several learned strengths.

    With the residual r = b - k * x and spectra in capitals::

        d_j = x + F^-1[ conj(K) R / (|K|^2 + lambda_j (0.2 + |f|^2)) ]

    Working on the residual keeps the artefacts of unknown borders small: it is near zero there.

    Args:
        strengths: How many lambdas.
    """

    def __init__(self, strengths: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.linspace(math.log(0.005), math.log(0.2), strengths))

    def forward(self, blurred: Tensor, estimate: Tensor, kernel: Tensor) -> tuple[Tensor, Tensor]:
        """Deconvolve N,3,H,W about an estimate of the same size.

        Returns:
            The residual, N,3,H,W, and the deconvolved, N,3 * strengths,H,W.
        """
        height, width = blurred.shape[-2:]
        along_y, along_x = frequencies(height, blurred.device), frequencies(width, blurred.device)
        squared = along_y[:, None] ** 2 + along_x[: width // 2 + 1] ** 2
        residual = blurred - reblur(estimate, kernel)
        k, r = kernel_spectrum(kernel, height, width), spectrum(residual)
        above: Spectrum = conjugate_times(k, r)
        below = power(k)
        damped = [below + strength.float().exp() * (0.2 + squared) for strength in self.strength]
        parts = [torch.cat([part / each for each in damped], dim=1) for part in above]
        change = image((parts[0], parts[1]), width)
        return residual, estimate.repeat(1, len(damped), 1, 1) + change


def reblur(images: Tensor, kernels: Tensor) -> Tensor:
    """Convolve N,3,H,W with N,1,K,K, each with its own; beyond the border the outermost pixels go on."""
    reach = kernels.shape[-1] // 2
    # One pixel more keeps both sides even, as the transforms need it.
    wide = functional.pad(images, (reach, reach + 1, reach, reach + 1), mode="replicate")
    wide = functional.pad(wide, (0, wide.shape[-1] % 2, 0, wide.shape[-2] % 2), mode="replicate")
    height, width = wide.shape[-2:]
    blurred = image(times(kernel_spectrum(kernels, height, width), spectrum(wide)), width)
    return blurred[..., reach : reach + images.shape[-2], reach : reach + images.shape[-1]]
