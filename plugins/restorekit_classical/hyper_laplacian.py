"""The restorer ``hyper_laplacian``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .base import Progress
from .checks import above_0, within
from .masked import deconvolve, rising
from .nonblind import NonBlind
from .shrinkage import power

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class HyperLaplacian(NonBlind):
    """Deconvolution with a prior of natural pictures: gradients are mostly small, some large.

    Krishnan and Fergus, *Fast Image Deconvolution using Hyper-Laplacian Priors*, NIPS 2009: minimise
    ``weight / 2 |k * x - y|^2 + sum |dx|^exponent + |dy|^exponent`` by splitting (sections 2 and 2.1). Unlike there,
    the border is unknown, not tapered.

    Attributes:
        weight: Of the data, lambda in equation 2; the less the noise, the larger. 3000 is the final step's of Krishnan,
            Tay and Fergus 2011; the authors' script of 2009 has 2000, for noise of 0.01.
        exponent: Of the prior, in (0, 1], alpha in equation 2; 1/2 to 4/5 in natural pictures (section 1).
        beta_factor: By which the penalty of the splitting rises from 1 (section 2.1).
        beta_limit: Below which it stays (section 2.1).

    Raises:
        ValueError: If a field is out of its range.
    """

    weight: float = 3000.0
    exponent: float = 2 / 3
    beta_factor: float = 2 * 2**0.5
    beta_limit: float = 256.0

    name = "hyper_laplacian"

    def __post_init__(self) -> None:
        above_0(self, "weight", "exponent")
        within(self, 0, 1, "exponent")
        within(self, 1.1, 1e3, "beta_factor")
        within(self, 1, 1e9, "beta_limit")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""
        betas = rising(1.0, self.beta_factor, self.beta_limit)
        return deconvolve(planes, kernel, partial(_shrink, self.exponent), self.weight, betas, progress)


def _shrink(exponent: float, field: Array, beta: float) -> Array:
    return power(field, exponent, beta)
