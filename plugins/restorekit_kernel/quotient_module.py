"""The kernel's estimate: a quotient of spectra, and what cleans it up."""

from __future__ import annotations

import math

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253

from restorekit_kernel.fourier_module import conjugate_times, image, middle, power, spectrum


class Filters(nn.Module):
    """Linear filters of zero mean: they commute with the blur, T(k * I) = k * T(I)."""

    def __init__(self, count: int, side: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(count, 3, side, side) / side)

    def forward(self, images: Tensor) -> Tensor:
        """Map N,3,H,W to N,count,H,W."""
        weight = self.weight.float()  # transforms are in fp32, also where the weights are not
        weight = weight - weight.mean(dim=(2, 3), keepdim=True)
        reach = weight.shape[-1] // 2
        padded = functional.pad(images, (reach, reach, reach, reach), mode="replicate")
        return functional.conv2d(padded, weight)


class Quotient(nn.Module):
    """Least-squares kernels from blurred and sharp features (Xu et al., CVPR 2013, eq. 9; Schuler et al., TPAMI 2016).

    Args:
        groups: Groups of channels, each with a quotient and a correlation of its own.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups, self.maps = groups, 2 * groups
        self.damping = nn.Parameter(torch.linspace(math.log(0.03), math.log(0.3), groups))

    def forward(self, blurred: Tensor, sharp: Tensor, size: int) -> Tensor:
        """Map two N,groups * C,H,W to N,2 * groups,size,size: the quotients, then the correlations, each at most 1."""
        height, width = blurred.shape[-2:]
        window = _hann(height, blurred)[:, None] * _hann(width, blurred)

        def grouped(x: Tensor) -> Tensor:
            return x.unflatten(1, (self.groups, -1))

        b, s = spectrum(blurred * window), spectrum(sharp * window)
        above = tuple(grouped(part).sum(dim=2) for part in conjugate_times(s, b))
        below = grouped(power(s)).sum(dim=2)
        mean = below.mean(dim=(2, 3), keepdim=True) + 1e-8
        damped = below + self.damping.float().exp()[:, None, None] * mean
        both = tuple(torch.cat([part / damped, part / mean], dim=1) for part in above)
        maps = middle(image((both[0], both[1]), width), size)
        return maps / maps.abs().amax(dim=(2, 3), keepdim=True).clamp_min(1e-6)


class CleanUp(nn.Module):
    """A small residual network from rough kernels to one that is not negative and has sum 1.

    Args:
        maps: How many rough kernels it sees, that of the coarser scale included.
        width: Its channels.
        blocks: Its residual blocks.
    """

    def __init__(self, maps: int, width: int, blocks: int) -> None:
        super().__init__()
        self.start = nn.Conv2d(maps, width, 3, padding=1)
        self.blocks = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(2 * blocks))
        self.end = nn.Conv2d(width, 1, 3, padding=1)
        self.mix = nn.Parameter(torch.full((maps,), 4.0 / maps))
        nn.init.zeros_(self.end.weight)
        nn.init.constant_(self.end.bias, -5.0)

    def forward(self, maps: Tensor) -> Tensor:
        """Map N,maps,K,K, each at most 1, to N,1,K,K."""
        x = self.start(maps.to(self.start.weight.dtype))
        for first, second in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            x = x + second(functional.relu(first(functional.relu(x))))
        logits = self.end(functional.relu(x)).float() + (maps * self.mix.float()[:, None, None]).sum(
            dim=1, keepdim=True
        )
        kernel = functional.softplus(logits)
        return kernel / kernel.sum(dim=(2, 3), keepdim=True)


def _hann(size: int, like: Tensor) -> Tensor:
    """Return the square root of a Hann window, so that the product of two windowed pictures has a whole one."""
    at = torch.arange(size, device=like.device, dtype=like.dtype) + 0.5
    return torch.sin(math.pi * at / (at[-1:] + 0.5))
