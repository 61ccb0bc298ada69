"""What a kernel says about the blur, and how far a result can be trusted."""

from __future__ import annotations

import math

import torch  # noqa: TID253
from torch import Tensor  # noqa: TID253
from torch.nn import functional  # noqa: TID253

from restorekit_kernel.trust import FAINT, LEAST_NOISE
from restorekit_kernel.wiener_module import reblur


def spread(kernels: Tensor) -> Tensor:
    """Return the standard deviation along the longer axis of N,1,K,K, in pixels: N. A delta has 0."""
    strong = functional.relu(kernels - FAINT * kernels.amax(dim=(2, 3), keepdim=True))
    mass = strong[:, 0] / strong[:, 0].sum(dim=(1, 2), keepdim=True).clamp_min(1e-12)
    at = torch.arange(kernels.shape[-1], device=kernels.device, dtype=kernels.dtype)
    rows, columns = mass.sum(dim=2), mass.sum(dim=1)
    y, x = (rows * at).sum(dim=1), (columns * at).sum(dim=1)
    yy = (rows * at**2).sum(dim=1) - y**2
    xx = (columns * at**2).sum(dim=1) - x**2
    xy = (mass * at[:, None] * at).sum(dim=(1, 2)) - x * y
    longer = (xx + yy) / 2 + (((xx - yy) / 2) ** 2 + xy**2).sqrt()
    return longer.clamp_min(0).sqrt()


def noise(images: Tensor) -> Tensor:
    """Return the standard deviation of the noise of N,3,H,W (Immerkaer, CVIU 64(2), 1996), N, of 8 bits at least."""
    return _deviation(images, [[1, -2, 1], [-2, 4, -2], [1, -2, 1]]).clamp_min(LEAST_NOISE)


def structure(images: Tensor) -> Tensor:
    """Return how far N,3,H,W, averaged over 4 x 4 pixels, rise above their noise: N, about 1 for noise alone.

    Second differences along rows and columns are compared, so that smooth shading counts for nothing.
    """
    small = functional.avg_pool2d(images, 4)
    along = [_deviation(small, [[1, -2, 1]]), _deviation(small, [[1], [-2], [1]])]
    return 4 * torch.stack(along).amax(dim=0) / noise(images)


def _deviation(images: Tensor, mask: list[list[float]]) -> Tensor:
    """Return the standard deviation of Gaussian noise whose magnitude behind the mask would be that of N,3,H,W: N."""
    weights = torch.tensor(mask, device=images.device, dtype=images.dtype)
    high = functional.conv2d(images.flatten(0, 1)[:, None], weights[None, None]).abs().mean(dim=(1, 2, 3))
    sigma = high * math.sqrt(math.pi / 2) / weights.norm()
    return sigma.unflatten(0, images.shape[:2]).mean(dim=1)


def reblur_error(blurred: Tensor, restored: Tensor, kernels: Tensor) -> Tensor:
    """Return how badly results explain their inputs: N, the RMS of k * restored - blurred, in units of its noise.

    The border that the kernel reaches over is left out, if the picture is larger than that.
    """
    border = min(kernels.shape[-1] // 2, min(blurred.shape[-2:]) // 4)
    residual = (reblur(restored, kernels) - blurred)[..., border:-border, border:-border]
    return residual.square().mean(dim=(1, 2, 3)).sqrt() / noise(blurred)


def ramp(values: Tensor, start: float, stop: float) -> Tensor:
    """Rise smoothly from 0 at ``start`` to 1 at ``stop``, exactly 0 and 1 beyond; falls if ``stop`` is less."""
    share = ((values - start) / (stop - start)).clamp(0, 1)
    return share * share * (3 - 2 * share)
