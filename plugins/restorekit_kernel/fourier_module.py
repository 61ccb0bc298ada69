"""Spectra of real pictures, as real and imaginary part: by FFT, or by matrix products where a graph is exported."""

from __future__ import annotations

import math

import torch  # noqa: TID253
from torch import Tensor  # noqa: TID253

Spectrum = tuple[Tensor, Tensor]
"""Real and imaginary part, each N,C,H,W//2 + 1."""


def spectrum(images: Tensor) -> Spectrum:
    """Transform N,C,H,W float32, W even."""
    if torch.onnx.is_in_onnx_export():
        return _by_products(images)
    found = torch.fft.rfft2(images)
    return found.real, found.imag


def image(of: Spectrum, width: int) -> Tensor:
    """Transform a spectrum back into N,C,H,``width``, ``width`` even."""
    if torch.onnx.is_in_onnx_export():
        return _back_by_products(of, width)
    height = of[0].shape[-2]
    return torch.fft.irfft2(torch.complex(*of), s=(height, width))


def kernel_spectrum(kernels: Tensor, height: int, width: int) -> Spectrum:
    """Transform N,1,K,K, its middle pixel put at the origin, on the grid of a picture; K at most H and W."""
    size = kernels.shape[-1]
    wide = torch.nn.functional.pad(kernels, (0, width - size, 0, height - size))
    return spectrum(torch.roll(wide, (-(size // 2), -(size // 2)), (2, 3)))


def times(a: Spectrum, b: Spectrum) -> Spectrum:
    """Return a b."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def conjugate_times(a: Spectrum, b: Spectrum) -> Spectrum:
    """Return conj(a) b."""
    return a[0] * b[0] + a[1] * b[1], a[0] * b[1] - a[1] * b[0]


def power(a: Spectrum) -> Tensor:
    """Return the squared magnitude."""
    return a[0] * a[0] + a[1] * a[1]


def middle(images: Tensor, size: int) -> Tensor:
    """Cut ``size`` x ``size`` (odd) about the origin out of N,C,H,W whose origin is the first pixel."""
    reach = size // 2
    rows = torch.cat([images[..., -reach:, :], images[..., : reach + 1, :]], dim=-2)
    return torch.cat([rows[..., -reach:], rows[..., : reach + 1]], dim=-1)


def frequencies(size: int, device: torch.device) -> Tensor:
    """Return the magnitude of each frequency of a transform: size values, 1 for that of two pixels."""
    at = torch.arange(size, device=device)
    count = at[-1:] + 1  # a tensor, as in a graph a size is no number to divide by
    return 2 * torch.minimum(at, count - at) / count


def _waves(size: int, frequencies: int) -> Spectrum:
    """Return cos and sin of 2 pi f x / size: frequencies,size."""
    at = torch.arange(size)
    count = at[-1:] + 1
    phase = torch.outer(torch.arange(frequencies), at) % count  # or float32 has no digits left for the phase
    angle = 2 * math.pi * phase / count
    return angle.cos(), angle.sin()


def _by_products(images: Tensor) -> Spectrum:
    height, width = images.shape[-2:]
    cos, sin = _waves(width, width // 2 + 1)
    real, imaginary = images @ cos.mT, -(images @ sin.mT)
    cos, sin = _waves(height, height)
    return cos @ real + sin @ imaginary, cos @ imaginary - sin @ real


def _back_by_products(of: Spectrum, width: int) -> Tensor:
    real, imaginary = of
    height = real.shape[-2]
    cos, sin = _waves(height, height)
    real, imaginary = cos @ real - sin @ imaginary, cos @ imaginary + sin @ real
    cos, sin = _waves(width, width // 2 + 1)
    at = torch.arange(width // 2 + 1)
    weight = torch.where((at == 0) | (at == at[-1:]), 1.0, 2.0)  # the others have a mirrored twin
    summed = (real * weight) @ cos - (imaginary * weight) @ sin
    return summed / torch.ones_like(summed[0, 0]).sum()
