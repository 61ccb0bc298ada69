"""Noise: ``gaussian_noise`` and ``sensor_noise``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Degradation

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class GaussianNoise(Degradation):
    """White Gaussian noise, independent over pixels and channels, at a level drawn for each image.

    Attributes:
        sigma: Least and greatest standard deviation, in units of the [0, 1] image range; the level is uniform
            between them. One grey level of an 8-bit image is 1/255, about 0.0039.

    Raises:
        ValueError: If ``sigma`` is negative, not finite, or the wrong way round.
    """

    sigma: tuple[float, float] = (0.0, 0.01)

    def __post_init__(self) -> None:
        low, high = self.sigma
        if not 0 <= low <= high < np.inf:
            raise ValueError(f"sigma must be [low, high] with 0 <= low <= high, not {list(self.sigma)}")

    @property
    def remedies(self) -> tuple[str, ...]:
        """Denoising."""
        return ("denoising",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a level and the whole noise field.

        Returns:
            ``noise``, (3, height, width) float32, already at its level; ``sigma``, that level, 0-d float32.
        """
        sigma = np.float32(rng.uniform(*self.sigma))
        noise = rng.standard_normal((3, height, width), dtype=np.float32) * sigma
        return {"noise": noise, "sigma": np.array(sigma)}

    def apply(self, images: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """Add ``noise`` to N,3,H,W, not clamped: that would shift the mean of dark and of light areas.

        ``sigma`` is only for whoever asks what was drawn; the noise is already at that level.
        """
        return images + noise


@dataclass(frozen=True)
class SensorNoise(Degradation):
    """Noise of a sensor: shot noise that grows with the light, and read noise that does not.

    The variance at value x is ``gain x + read^2``: the Poissonian-Gaussian model with its usual normal
    approximation (Foi et al., IEEE TIP 17(10), 2008), independent over pixels and channels.

    Attributes:
        gain: Least and greatest variance of the shot noise at full white, of the [0, 1] range squared: one over the
            number of electrons that make white. Log-uniform between them.
        read: Least and greatest standard deviation of the read noise, in units of the [0, 1] range; uniform.

    Raises:
        ValueError: If a range is negative, not finite, or the wrong way round, or ``gain`` is 0.
    """

    gain: tuple[float, float] = (1e-5, 1e-3)
    read: tuple[float, float] = (0.0, 0.01)

    def __post_init__(self) -> None:
        low, high = self.gain
        if not 0 < low <= high < np.inf:
            raise ValueError(f"gain must be [low, high] with 0 < low <= high, not {list(self.gain)}")
        low, high = self.read
        if not 0 <= low <= high < np.inf:
            raise ValueError(f"read must be [low, high] with 0 <= low <= high, not {list(self.read)}")

    @property
    def remedies(self) -> tuple[str, ...]:
        """Denoising."""
        return ("denoising",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw both levels and the whole field.

        Returns:
            ``noise``, (3, height, width) float32, standard normal; ``gain`` and ``read``, 0-d float32.
        """
        gain = np.exp(rng.uniform(*np.log(self.gain)))
        return {
            "gain": np.array(gain, np.float32),
            "read": np.array(rng.uniform(*self.read), np.float32),
            "noise": rng.standard_normal((3, height, width), dtype=np.float32),
        }

    def apply(self, images: Tensor, noise: Tensor, gain: Tensor, read: Tensor) -> Tensor:
        """Add the noise to N,3,H,W, not clamped."""
        variance = gain.view(-1, 1, 1, 1) * images.clamp_min(0) + read.view(-1, 1, 1, 1) ** 2
        return images + variance.sqrt() * noise
