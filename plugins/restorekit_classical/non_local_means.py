"""The restorer ``non_local_means``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress, part
from .border import Frame
from .checks import above_0, within
from .least_squares import least_squares
from .nonblind import NonBlind
from .operators import picture, spectrum, transfer

if TYPE_CHECKING:
    from restorekit import Array

_BEGUN = 0.3
"""Share of the work that the linear estimate is, about."""


@dataclass(frozen=True)
class NonLocalMeans(NonBlind):
    """Deconvolution towards what similar patches agree on, for noisy pictures.

    Minimises ``|k * x - y|^2 + balance |x - NLM(x)|^2`` by turns (Zhong, Cho, Metaxas, Paris and Wang, CVPR 2013,
    section 4.3), NLM being the non-local means of Buades, Coll and Morel, CVPR 2005. What the estimate predicts stands
    in for the unknown border; it begins with the linear one, which reaches beyond it.

    Attributes:
        balance: Weight of the means, lambda.
        strength: Difference of patches, in noise levels, at which their weight has fallen to 1/e (h of the means).
        noise: Least noise that is assumed, in [0, 1]; it is estimated from the picture.
        patch: Side of the patches, pixels.
        reach: How far similar patches are looked for, pixels.
        rounds: Deconvolutions and means.

    Raises:
        ValueError: If a field is out of its range.
    """

    balance: float = 0.02
    strength: float = 1.5
    noise: float = 2e-3
    patch: int = 5
    reach: int = 6
    rounds: int = 4

    name = "non_local_means"

    def __post_init__(self) -> None:
        above_0(self, "balance", "strength", "noise")
        within(self, 1, 100, "patch", "reach", "rounds")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""
        frame = Frame.around(planes, max(kernel.shape))
        blur = transfer(kernel.astype(planes.dtype), frame.shape)
        energy = np.abs(blur) ** 2
        x = least_squares(planes, kernel, progress=part(progress, 0, _BEGUN))
        further = part(progress, _BEGUN, 1)
        for n in range(self.rounds):
            noise = max(noise_of(frame.crop(x)), self.noise)
            means = _means(x, self.patch, self.reach, self.strength * noise, noise)
            y = frame.complete(planes, picture(blur * spectrum(x), frame.shape))
            top = np.conj(blur) * spectrum(y) + self.balance * spectrum(means)
            x = picture(top / (energy + self.balance), frame.shape)
            if further is not None:
                further((n + 1) / self.rounds)
        return frame.crop(means)


def _means(planes: Array, patch: int, reach: int, strength: float, noise: float) -> Array:
    """Non-local means of C,H,W; one plane goes without its axis, which skimage would turn round."""
    from skimage.restoration import denoise_nl_means

    one = len(planes) == 1
    means: Array = denoise_nl_means(
        planes[0] if one else planes,
        patch,
        reach,
        h=strength,
        sigma=noise,
        fast_mode=True,
        channel_axis=None if one else 0,
    )
    return means.reshape(planes.shape).astype(planes.dtype)


def noise_of(planes: Array) -> float:
    """Standard deviation of the noise of C,H,W (Immerkaer, CVIU 64(2), 1996): what no smooth picture has."""
    along = planes[..., :-2] - 2 * planes[..., 1:-1] + planes[..., 2:]
    both = along[..., :-2, :] - 2 * along[..., 1:-1, :] + along[..., 2:, :]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(both).mean())
