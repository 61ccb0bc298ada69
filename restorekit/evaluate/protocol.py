"""Degraded test sets, made on the fly and the same on every machine: crop, blur, noise, 8 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from restorekit.data.crop import CELEBA
from restorekit.errors import ImageError
from restorekit.evaluate.kernels import KernelSet
from restorekit.images import read_rgb

if TYPE_CHECKING:
    from restorekit.contracts import Array

Crop = Literal["celeba", "center"]
CROPS = {
    "celeba": "x 25:153, y 68:196 of CelebA's 178 x 218 alignment",
    "center": "the largest centred square that leaves the kernels' margin around it",
}


@dataclass(frozen=True)
class Pair:
    """A sharp picture and one degraded version of it.

    Attributes:
        image: Name of the picture.
        size: Support size of the kernel, in pixels.
        sharp: H,W,3 uint8 RGB.
        degraded: H,W,3 uint8 RGB.
    """

    image: str
    size: int
    sharp: Array
    degraded: Array


@dataclass(frozen=True)
class Protocol:
    """How sharp pictures become test pairs; every picture is degraded by every kernel.

    Attributes:
        kernels: The blur kernels.
        crop: The part of the picture that is scored; it is blurred with the true pixels around it.
        noise: Standard deviation of the white Gaussian noise, independent per channel, in grey levels of 255.
        seed: The noise of image i (in the order of the names) and kernel k is drawn from ``[seed, i, k]``.
    """

    kernels: KernelSet
    crop: Crop = "celeba"
    noise: float = 1.0
    seed: int = 0

    def pairs(self, folder: Path, names: Sequence[str]) -> Iterator[Pair]:
        """Yield the pairs of each of ``names`` in ``folder``, kernel by kernel.

        Raises:
            ImageError: A picture cannot be read, or does not have the crop.
        """
        margin = self.kernels.margin
        for i, name in enumerate(names):
            wide = self._widened_crop(read_rgb(folder / name), str(folder / name))
            sharp = wide[margin : wide.shape[0] - margin, margin : wide.shape[1] - margin]
            for k, (kernel, size) in enumerate(zip(self.kernels.kernels, self.kernels.sizes, strict=True)):
                rng = np.random.default_rng([self.seed, i, k])
                noisy = convolve(wide, kernel) + self.noise * rng.standard_normal(sharp.shape)
                yield Pair(name, int(size), sharp, to_8_bit(noisy))

    def describe(self) -> dict[str, Any]:
        """Return the protocol in words and numbers, for a result file."""
        return {
            "crop": CROPS[self.crop],
            "kernels": {
                "name": self.kernels.name,
                "law": self.kernels.law,
                "centring": self.kernels.centring,
                "count": len(self.kernels),
            },
            "blur": "convolution in float64 with real borders, in the gamma-encoded RGB of the file",
            "noise_grey_levels": self.noise,
            "noise_seed": self.seed,
            "depth": "degraded and restored pictures are rounded and clipped to 8 bits",
        }

    def _widened_crop(self, image: Array, path: str) -> Array:
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
        least = max(32, 5 * margin)  # fewer pixels would not determine the kernel that `reblur` looks for
        if side < least + 2 * margin or min(top, left) < 0 or top + side > height:
            raise ImageError(
                f"{path}: {width} x {height} pixels hold no {self.crop} crop with {margin} pixels around it",
                f"a crop has at least {least} x {least} pixels; use larger pictures or smaller kernels",
            )
        return image[top : top + side, left : left + side]


def convolve(image: Array, kernel: Array) -> Array:
    """Convolve each channel with a kernel, flipped, where that lies inside the picture, by FFT in float64.

    Args:
        image: H,W,3, of any type.
        kernel: S,S with S odd and at most H and W.

    Returns:
        H - S + 1,W - S + 1,3 float64.
    """
    shape, lost = image.shape[:2], len(kernel) - 1
    spectrum = np.fft.rfft2(image.astype(np.float64), axes=(0, 1)) * np.fft.rfft2(kernel, s=shape)[..., None]
    # A circular convolution wraps round only in its first S - 1 rows and columns.
    return np.fft.irfft2(spectrum, s=shape, axes=(0, 1))[lost:, lost:]


def to_8_bit(values: Array) -> Array:
    """Round and clip values of the range 0 to 255 to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
