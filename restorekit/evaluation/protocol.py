"""How sharp pictures are degraded, the same on every machine: crop, blur, noise, 8 bits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from restorekit.data.crop import CELEBA
from restorekit.errors import ImageError, RestorekitError
from restorekit.evaluation.kernels import KernelSet
from restorekit.evaluation.manifest import StoredKernels, StoredProtocol

if TYPE_CHECKING:
    from restorekit.contracts import Array

Crop = Literal["celeba", "center"]
CROPS = {
    "celeba": "x 25:153, y 68:196 of CelebA's 178 x 218 alignment",
    "center": "the largest centred square that leaves the kernels' margin around it",
}

LEAST = 32
"""Pixels that a crop has at least on a side: the metrics look through windows."""


@dataclass(frozen=True)
class Protocol:
    """How sharp pictures become test pairs; every picture is degraded by every kernel.

    Attributes:
        kernels: The blur kernels.
        crop: The part of the picture that is scored; it is blurred with the true pixels around it.
        noise: Standard deviation of the white Gaussian noise, independent per channel, in grey levels of 255.
        seed: The noise of image i (in the order of the names) and kernel k is drawn from ``[seed, i, k]``.

    Raises:
        RestorekitError: The noise is negative or not finite.
    """

    kernels: KernelSet
    crop: Crop = "celeba"
    noise: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.noise < math.inf:
            raise RestorekitError(f"noise {self.noise:g}", "give a number of grey levels, 1 for example")

    def degrade(self, wide: Array, image: int, kernel: int) -> Array:
        """Degrade what `widened_crop` gave of the picture of that number by the kernel of that number.

        Returns:
            H,W,3 uint8 RGB, of the size of the crop without its margin.
        """
        blurred = convolve(wide, self.kernels.kernels[kernel])
        rng = np.random.default_rng(self.noise_seed(image, kernel))
        return to_8_bit(blurred + self.noise * rng.standard_normal(blurred.shape))

    def noise_seed(self, image: int, kernel: int) -> list[int]:
        """Return what seeds numpy's default generator for the noise of a pair."""
        return [self.seed, image, kernel]

    def describe(self) -> StoredProtocol:
        """Return the protocol in words and numbers, for a manifest or a result file."""
        return StoredProtocol(
            crop=CROPS[self.crop],
            kernels=StoredKernels(
                name=self.kernels.name,
                laws=list(dict.fromkeys(self.kernels.laws)),
                centring=self.kernels.centring,
                count=len(self.kernels),
            ),
            blur="convolution in float64 with real borders, in the gamma-encoded RGB of the file",
            noise_grey_levels=self.noise,
            noise_seed=self.seed,
            depth="degraded and restored pictures are rounded and clipped to 8 bits",
        )

    def widened_crop(self, image: Array, path: str) -> Array:
        """Return the part of an H,W,3 picture that is scored, with the kernels' margin around it.

        Raises:
            ImageError: The picture, which is called ``path``, does not hold it.
        """
        margin, (height, width) = self.kernels.margin, image.shape[:2]
        if self.crop == "celeba":
            if (width, height) != (178, 218):
                raise ImageError(
                    f"{path}: {width} x {height} pixels, not the 178 x 218 of CelebA's alignment",
                    "give aligned pictures, or --crop center",
                )
            x, y, inner, _ = CELEBA
            top, left, side = y - margin, x - margin, inner + 2 * margin
        else:
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
        least = max(LEAST, 5 * margin)  # fewer pixels would not determine the kernel that `reblur` looks for
        if side < least + 2 * margin or min(top, left) < 0 or top + side > height:
            raise ImageError(
                f"{path}: {width} x {height} pixels hold no {self.crop} crop with {margin} pixels around it",
                f"a crop has at least {least} x {least} pixels; use larger pictures or smaller kernels",
            )
        return image[top : top + side, left : left + side]


def convolve(image: Array, kernel: Array) -> Array:
    """Convolve each channel with a kernel, flipped, where that lies inside the picture.

    The sum runs over the kernel's non-zero elements in their order, in float64, by multiplying and adding only: that
    gives the same bits on every machine, which an FFT does not.

    Args:
        image: H,W,3, of any type.
        kernel: S,S with S odd and at most H and W.

    Returns:
        H - S + 1,W - S + 1,3 float64.
    """
    last = len(kernel) - 1
    height, width = image.shape[0] - last, image.shape[1] - last
    planes = np.ascontiguousarray(np.moveaxis(image, 2, 0), dtype=np.float64)
    total, product = np.zeros((len(planes), height, width)), np.empty((height, width))
    rows, columns = np.nonzero(kernel)
    steps = list(zip((last - rows).tolist(), (last - columns).tolist(), kernel[rows, columns], strict=True))
    for plane, result in zip(planes, total, strict=True):
        for top, left, weight in steps:
            np.multiply(plane[top : top + height, left : left + width], weight, out=product)
            np.add(result, product, out=result)
    return np.moveaxis(total, 0, 2)


def to_8_bit(values: Array) -> Array:
    """Round and clip values of the range 0 to 255 to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
