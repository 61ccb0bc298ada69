"""The restorer ``tv``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import Progress
from .checks import above_0, within
from .masked import deconvolve, rising
from .nonblind import NonBlind
from .shrinkage import soft_vectors

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class TotalVariation(NonBlind):
    """Deconvolution with isotropic total variation (Rudin and Osher, ICIP 1994).

    Minimises ``weight / 2 |k * x - y|^2 + sum |grad x|`` by the splitting of Wang, Yang, Yin and Zhang, *A New
    Alternating Minimization Algorithm for Total Variation Image Reconstruction*, SIAM J. Imaging Sciences 1(3), 2008
    (section 2; the penalty rises as in section 4), here with an unknown border.

    Attributes:
        weight: Of the data, mu there; the less the noise, the larger.
        beta_factor: By which the penalty of the splitting rises from 1.
        beta_limit: Below which it stays.

    Raises:
        ValueError: If a field is out of its range.
    """

    weight: float = 2000.0
    beta_factor: float = 2.0
    beta_limit: float = 256.0

    name = "tv"

    def __post_init__(self) -> None:
        above_0(self, "weight")
        within(self, 1.1, 1e3, "beta_factor")
        within(self, 1, 1e9, "beta_limit")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""
        betas = rising(1.0, self.beta_factor, self.beta_limit)
        return deconvolve(planes, kernel, _shrink, self.weight, betas, progress)


def _shrink(field: Array, beta: float) -> Array:
    return soft_vectors(field, 1 / beta)
