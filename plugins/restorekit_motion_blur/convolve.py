"""Convolution of a batch in which every image has its own kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit import RestorekitError

if TYPE_CHECKING:
    from torch import Tensor


def convolve(images: Tensor, kernels: Tensor) -> Tensor:
    """Convolve each image with its kernel where that lies wholly inside it, so no border is invented.

    This is the convolution of mathematics: the kernel is flipped, and a delta below the middle moves the
    image down. It is computed by FFT in float32, whatever autocast says; the error is below 1e-5.

    Args:
        images: N,C,H,W.
        kernels: N,K,K with K odd and at most H and W.

    Returns:
        N,C,H - K + 1,W - K + 1, float32.

    Raises:
        RestorekitError: If an image is smaller than its kernel.
    """
    import torch

    height, width = images.shape[-2:]
    size = kernels.shape[-1]
    if size > min(height, width):
        raise RestorekitError(
            f"a picture of {width} x {height} is smaller than the blur kernel of {size} x {size}",
            "use larger pictures or smaller kernel sizes",
        )
    with torch.autocast(images.device.type, enabled=False):
        spectrum = (
            torch.fft.rfft2(images.float()) * torch.fft.rfft2(kernels.float(), s=(height, width))[:, None]
        )
        # A circular convolution wraps round only in its first size - 1 rows and columns.
        return torch.fft.irfft2(spectrum, s=(height, width))[..., size - 1 :, size - 1 :]
