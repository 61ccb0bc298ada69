"""Blur that is the same all over the picture: one kernel for each image."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from restorekit import Degradation

from .bank import load_bank
from .convolve import convolve
from .kernel import CENTRINGS, pad

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


class UniformBlur(Degradation):
    """A blur whose ``sample`` draws ``kernel``, (K, K) float32, not negative, of sum 1, K = 2 margin + 1."""

    @property
    def remedies(self) -> tuple[str, ...]:
        """Deblurring."""
        return ("deblurring",)

    def apply(self, images: Tensor, kernel: Tensor) -> Tensor:
        """Convolve N,3,H,W with N,K,K, each image with its own, into N,3,H - 2 margin,W - 2 margin."""
        return convolve(images, kernel)

    def kernel(self, kernel: Tensor) -> Tensor:
        """Return the kernels that were drawn, N,K,K."""
        return kernel


@dataclass(frozen=True)
class MotionBlur(UniformBlur):
    """Uniform motion by one law: kernels of wanted sizes, from a bank or fresh.

    Attributes:
        sizes: Sides of the square supports that the kernels roughly fill, in pixels: odd, at least 3. All are
            equally likely. The border consumed is half of the largest.
        kernels: Size of the bank to draw from, made on first use and cached; 0 draws a fresh kernel for
            every image.
        centring: What lies at the middle pixel: of the path's bounding ``box``, or its ``centroid``.
        bank_seed: Seed of the bank.

    Raises:
        ValueError: If a field is out of its range.
    """

    sizes: tuple[int, ...] = (13, 15, 17, 19, 21, 23, 25, 27)
    kernels: int = 20_000
    centring: Literal["box", "centroid"] = "box"
    bank_seed: int = 0

    def __post_init__(self) -> None:
        if not self.sizes or any(size < 3 or size % 2 == 0 for size in self.sizes):
            raise ValueError(f"sizes must be odd numbers of at least 3, not {list(self.sizes)}")
        if self.kernels and self.kernels < len(self.sizes):
            raise ValueError(f"kernels must be 0, or at least one for each size, not {self.kernels}")
        if self.centring not in CENTRINGS:
            raise ValueError(f"centring must be 'box' or 'centroid', not {self.centring!r}")
        if self.bank_seed < 0:
            raise ValueError(f"bank_seed must be at least 0, not {self.bank_seed}")

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int, count: int) -> Array:
        """Draw kernels that fill a support of ``size`` x ``size`` by more than ``size - 5`` pixels.

        Returns:
            (count, size, size) float32, not negative, each of sum 1, centred.
        """

    @property
    def margin(self) -> int:
        """Half of the largest size."""
        return max(self.sizes) // 2

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a kernel; the image's ``height`` and ``width`` do not matter.

        Returns:
            ``kernel``, (K, K) float32 with K the largest size: not negative, sum 1, centred.
        """
        if self.kernels:
            return {"kernel": np.array(load_bank(self)[rng.integers(self.kernels)])}
        size = int(rng.choice(self.sizes))
        (kernel,) = pad(self.draw(rng, size, 1), max(self.sizes))
        return {"kernel": kernel}
