"""JPEG compression, in batch on the device."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Degradation

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from restorekit import Array

LUMA = """
16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99
"""
CHROMA = """
17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99
99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99
"""
"""The quantisation tables of ITU-T T.81, annex K, row by row."""

YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
"""From RGB to luma and the two chroma differences (JFIF)."""


@dataclass(frozen=True)
class JPEG(Degradation):
    """Baseline JPEG with halved chroma (4:2:0), as most cameras and sites write it; the loss, not the file.

    Rounded to 8 bits before and after, as pictures are. The qualities are those of the Independent JPEG Group's
    scale, which scales the tables of ITU-T T.81.

    Attributes:
        quality: Least and greatest quality, 1 to 100; whole numbers, all equally likely.

    Raises:
        ValueError: If ``quality`` is out of its range or the wrong way round.
    """

    quality: tuple[int, int] = (30, 95)

    def __post_init__(self) -> None:
        low, high = self.quality
        if not 1 <= low <= high <= 100:
            raise ValueError(
                f"quality must be [low, high] with 1 <= low <= high <= 100, not {list(self.quality)}"
            )

    @property
    def remedies(self) -> tuple[str, ...]:
        """The removal of JPEG's artifacts."""
        return ("jpeg-artifact-removal",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a quality.

        Returns:
            ``quality``, 0-d float32.
        """
        return {"quality": np.array(rng.integers(self.quality[0], self.quality[1] + 1), np.float32)}

    def apply(self, images: Tensor, quality: Tensor) -> Tensor:
        """Compress N,3,H,W, each at its quality (N), and decompress it; within [0, 1]."""
        import torch
        from torch.nn.functional import avg_pool2d, interpolate, pad

        height, width = images.shape[-2:]
        with torch.autocast(images.device.type, enabled=False):
            pixels = (images.float().clamp(0, 1) * 255).round()
            pixels = pad(pixels, (0, -width % 16, 0, -height % 16), mode="replicate")
            to_ycc, from_ycc, cosines, luma_steps, chroma_steps = _constants(images.device)
            ycc = torch.einsum("dc,nchw->ndhw", to_ycc, pixels).round()  # a file's planes are whole numbers
            scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
            luma = _quantise(ycc[:, :1] - 128, luma_steps, scale, cosines) + 128
            chroma = _quantise(avg_pool2d(ycc[:, 1:], 2).round(), chroma_steps, scale, cosines)
            chroma = interpolate(chroma, scale_factor=2, mode="bilinear", align_corners=False)
            ycc = torch.cat([luma, chroma.round()], dim=1)
            decoded = torch.einsum("dc,nchw->ndhw", from_ycc, ycc)
            return decoded[..., :height, :width].round().clamp(0, 255) / 255


def _quantise(planes: Tensor, table: Tensor, scale: Tensor, transform: Tensor) -> Tensor:
    """Round the cosine coefficients of the 8 x 8 blocks of N,C,H,W to multiples of the scaled table."""
    count, channels, height, width = planes.shape
    steps = ((table * scale[:, None] + 50) / 100).floor().clamp(1, 255).view(-1, 1, 1, 1, 8, 8)
    blocks = planes.view(count, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    coefficients = transform @ blocks @ transform.T
    blocks = transform.T @ ((coefficients / steps).round() * steps) @ transform
    return blocks.transpose(3, 4).reshape(planes.shape).round().clamp(-128, 127)


@cache
def _constants(device: torch.device) -> list[Tensor]:
    """Put all constants on a device, once: to send them with every batch would make it wait."""
    import torch

    tables = [np.array(table.split(), np.float32) for table in (LUMA, CHROMA)]
    arrays = [np.array(YCC), np.linalg.inv(YCC), _cosines(), *tables]
    with torch.inference_mode(False):  # whoever comes first, they serve all
        return [torch.from_numpy(array.astype(np.float32)).to(device) for array in arrays]


def _cosines() -> Array:
    """Return the 8 x 8 orthonormal cosine transform (DCT-II)."""
    frequency, at = np.arange(8)[:, None], np.arange(8)
    cosines = np.cos(math.pi * (2 * at + 1) * frequency / 16) / 2
    cosines[0] /= math.sqrt(2)
    return cosines
