"""Degradations that give the same bytes on every machine: ``kernel_set`` and ``fixed_noise``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit.contracts import Degradation
from restorekit.evaluation.convolution import convolve
from restorekit.evaluation.kernels import KernelSet, load_kernels

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts import Array


@dataclass(frozen=True)
class FixedKernels(Degradation):
    """Blur by the kernels of a fixed set: in a test set by each of them, in training by one drawn for every image.

    A test set is convolved in float64, in the gamma-encoded RGB of the file, each sum in a fixed order.

    Attributes:
        kernels: The name of a shipped set (faces80, faces80-laws, defocus10, sharp), or an ``.npz`` file.
    """

    kernels: Path

    @cached_property
    def set(self) -> KernelSet:
        """The kernels, read on first use; DataError if they cannot be."""
        return load_kernels(self.kernels)

    @property
    def remedies(self) -> tuple[str, ...]:
        """Deblurring."""
        return ("deblurring",)

    @property
    def margin(self) -> int:
        """As far as the largest kernel reaches."""
        return self.set.margin

    @property
    def cases(self) -> Sequence[Mapping[str, str | int]]:
        """The kernels, by the ``size`` of their support in pixels and the ``law`` that they were drawn from."""
        pairs = zip(self.set.sizes.tolist(), self.set.laws, strict=True)
        return [{"size": size, "law": law} for size, law in pairs]

    def sample_case(self, case: int, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Return the kernel of that number.

        Returns:
            ``kernel``, (S, S) float64.
        """
        return {"kernel": self.set.kernels[case]}

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw one of the kernels.

        Returns:
            ``kernel``, (S, S) float32.
        """
        return {"kernel": self.set.kernels[rng.integers(len(self.set))].astype(np.float32)}

    def apply_array(self, image: Array, kernel: Array) -> Array:  # type: ignore[override]
        """Convolve H,W,3 with S,S where the kernel lies inside."""
        return convolve(image, kernel)

    def kernel(self, kernel: Tensor) -> Tensor:  # type: ignore[override]
        """Return the kernels."""
        return kernel.float()

    def apply(self, images: Tensor, kernel: Tensor) -> Tensor:  # type: ignore[override]
        """Convolve N,3,H,W, each with its own of N,S,S, where that lies inside."""
        from torch.nn.functional import conv2d

        count, channels, height, width = images.shape
        flipped = kernel.flip(-2, -1).to(images.dtype).repeat_interleave(channels, dim=0)[:, None]
        planes = images.reshape(1, count * channels, height, width)
        blurred = conv2d(planes, flipped, groups=count * channels)
        return blurred.reshape(count, channels, *blurred.shape[-2:])


@dataclass(frozen=True)
class FixedNoise(Degradation):
    """White Gaussian noise of one level, independent over pixels and channels, as test sets have it.

    Attributes:
        level: Its standard deviation, in grey levels of 255.

    Raises:
        ValueError: If ``level`` is negative or not finite.
    """

    level: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.level < math.inf:
            raise ValueError(f"level must be a number of grey levels, at least 0, not {self.level:g}")

    @property
    def remedies(self) -> tuple[str, ...]:
        """Denoising."""
        return ("denoising",)

    def sample_case(self, case: int, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw the whole field.

        Returns:
            ``noise``, (3, height, width) float64, standard normal; ``sigma``, its level in units of the [0, 1] range,
            0-d float64.
        """
        field = rng.standard_normal((height, width, 3))  # in this order: the bytes of every set depend on it
        return {"noise": np.moveaxis(field, 2, 0), "sigma": np.array(self.level / 255)}

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw the whole field, in float32."""
        return {
            key: value.astype(np.float32) for key, value in self.sample_case(0, rng, height, width).items()
        }

    def apply_array(self, image: Array, noise: Array, sigma: Array) -> Array:  # type: ignore[override]
        """Add the noise to H,W,3, not clamped."""
        noisy: Array = image + self.level * np.moveaxis(noise, 0, 2)
        return noisy

    def apply(self, images: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:  # type: ignore[override]
        """Add the noise to N,3,H,W, not clamped."""
        return images + noise * sigma.view(-1, 1, 1, 1)
