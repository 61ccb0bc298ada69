"""The degradation ``trajectory_blur``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from restorekit import Degradation

from .bank import load_bank
from .convolve import convolve
from .sampler import ANXIETY, LENGTH, draw_kernels

if TYPE_CHECKING:
    from torch import Tensor

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TrajectoryBlur(Degradation):
    """Uniform camera shake: kernels traced by random trajectories (Boracchi and Foi, IEEE TIP 21(8), 2012).

    The exposure is always the whole trajectory; a shorter one is a shorter ``length``.

    Attributes:
        sizes: Sides of the square supports that the kernels roughly fill, in pixels: odd, at least 3. All are
            equally likely. The border consumed is half of the largest.
        kernels: Size of the bank to draw from, made on first use and cached; 0 draws a fresh kernel for
            every image.
        anxiety: Least and greatest anxiety, drawn log-uniformly; more of it makes the path more crooked.
        length: Least and greatest length of the path, as a multiple of the size.
        centring: What lies at the middle pixel: of the trajectory's bounding ``box``, or its ``centroid``.
        bank_seed: Seed of the bank.

    Raises:
        ValueError: If a field is out of its range.
    """

    sizes: tuple[int, ...] = (13, 15, 17, 19, 21, 23, 25, 27)
    kernels: int = 20_000
    anxiety: tuple[float, float] = ANXIETY
    length: tuple[float, float] = LENGTH
    centring: Literal["box", "centroid"] = "box"
    bank_seed: int = 0

    def __post_init__(self) -> None:
        if not self.sizes or any(size < 3 or size % 2 == 0 for size in self.sizes):
            raise ValueError(f"sizes must be odd numbers of at least 3, not {list(self.sizes)}")
        if self.kernels and self.kernels < len(self.sizes):
            raise ValueError(f"kernels must be 0, or at least one for each size, not {self.kernels}")
        for name in ("anxiety", "length"):
            low, high = getattr(self, name)
            if not 0 < low <= high < np.inf:
                raise ValueError(f"{name} must be [low, high] with 0 < low <= high, not {[low, high]}")
        if self.centring not in ("box", "centroid"):
            raise ValueError(f"centring must be 'box' or 'centroid', not {self.centring!r}")
        if self.bank_seed < 0:
            raise ValueError(f"bank_seed must be at least 0, not {self.bank_seed}")

    @property
    def margin(self) -> int:
        """Half of the largest size."""
        return max(self.sizes) // 2

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a kernel; the image's ``height`` and ``width`` do not matter.

        Returns:
            ``kernel``, (K, K) float32 with K the largest size: not negative, sum 1, centred.

        Raises:
            RestorekitError: If the ranges of anxiety and length cannot fill the sizes.
        """
        if self.kernels:
            bank = load_bank(
                self.sizes, self.kernels, self.bank_seed, self.anxiety, self.length, self.centring
            )
            return {"kernel": np.array(bank[rng.integers(self.kernels)])}
        size = int(rng.choice(self.sizes))
        (kernel,) = draw_kernels(
            rng,
            size,
            1,
            anxiety=self.anxiety,
            length=self.length,
            centring=self.centring,
            width=max(self.sizes),
        )
        return {"kernel": kernel}

    def apply(self, images: Tensor, kernel: Tensor) -> Tensor:
        """Convolve N,3,H,W with N,K,K, each image with its own, into N,3,H - 2 margin,W - 2 margin."""
        return convolve(images, kernel)
