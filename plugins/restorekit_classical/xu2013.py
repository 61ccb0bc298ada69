"""The restorer ``xu2013``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress, part
from .blind import Blind
from .checks import above_0, within
from .coarse_to_fine import Level, coarse_to_fine
from .edges import inner_gradient
from .kernel import cleaned
from .kernel_step import KernelFit
from .l0 import SparsePicture
from .pyramid import enlarged, kernel_sides, reduced

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class Xu2013(Blind):
    """Unnatural L0 sparse representation (Xu, Zheng and Jia, CVPR 2013).

    Minimises ``|k * x - y|^2 + weight |grad x|_0 + ridge |k|^2``, x and k in turn, from coarse to fine. The L0 norm is
    approached by a threshold that falls (equations 4 to 7 there). The authors published no source; where their paper
    leaves a number open, it is that of Pan, Hu, Su and Yang, CVPR 2014, whose solver is the same without their second
    term, as the attributes say.

    Attributes:
        weight: Of the gradients at the coarsest level, lambda; 4e-3 in Pan et al. 2014.
        weight_factor: By which the weight falls after every kernel step (Pan et al. 2014).
        weight_least: Below which it does not fall (Pan et al. 2014).
        first_threshold: On gradients, at the start of an image step (epsilon; 1 in section 3.1).
        last_threshold: At its end; 1/8 in section 3.1, for the authors' scale. On [0, 1] that keeps few gradients; Pan
            et al. 2014 go down to about 2e-4.
        threshold_factor: By which it falls between (section 3.1 halves it).
        ridge: Weight of the kernel's squares, gamma; 2 in Pan et al. 2014.
        kernel_threshold: Share of the largest value below which a kernel's values are set to 0.
        kernel_part: Share of the kernel's sum below which a part that touches no other is left out.
        rounds: Image and kernel steps at each level (4 to 5 in section 3.3).
        ratio: Between the sizes of neighbouring levels.
        starts: Least sides of the kernel. The search begins from each, as a coarse level may lead astray, and the
            kernel with which the sum above is least is taken.

    Raises:
        ValueError: If a field is out of its range.
    """

    weight: float = 4e-3
    weight_factor: float = 1.1
    weight_least: float = 1e-4
    first_threshold: float = 0.7
    last_threshold: float = 2e-4
    threshold_factor: float = 2**0.5
    ridge: float = 2.0
    kernel_threshold: float = 0.05
    kernel_part: float = 0.1
    rounds: int = 5
    ratio: float = 2**0.5
    starts: tuple[int, ...] = (3, 5, 7)

    name = "xu2013"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "weight", "weight_least", "first_threshold", "last_threshold")
        within(self, 1, 10, "weight_factor")
        within(self, 1.1, 10, "threshold_factor", "ratio")
        within(self, 0, 1e9, "ridge")
        within(self, 0, 1, "kernel_threshold", "kernel_part")
        within(self, 1, 1000, "rounds")
        if not self.starts or min(self.starts) < 3:
            raise ValueError(f"starts must name sides of 3 or more, not {list(self.starts)}")
        if self.last_threshold > self.first_threshold:
            raise ValueError(f"last_threshold must be at most first_threshold, not {self.last_threshold}")

    @property
    def thresholds(self) -> list[float]:
        """The falling thresholds of an image step."""
        falls = np.log(self.first_threshold / self.last_threshold) / np.log(self.threshold_factor)
        fallen: list[float] = (
            self.first_threshold / self.threshold_factor ** np.arange(int(falls) + 1)
        ).tolist()
        return fallen

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""
        costs: list[tuple[float, Array]] = []
        for n, start in enumerate(self.starts):
            told = part(progress, n / len(self.starts), (n + 1) / len(self.starts))
            kernel = coarse_to_fine(grey, kernel_sides(side, self.ratio, start), self._level(), told)
            costs.append((self._cost(grey, kernel), kernel))
        return min(costs, key=lambda cost: cost[0])[1]

    def estimate_coarse(self, grey: Array, side: int, share: float) -> Array:
        """Find the kernel on a picture reduced to about ``share``, and enlarge it: ``side`` squared, of sum 1."""
        coarse = max(2 * round((share * side - 1) / 2) + 1, 3)
        return enlarged(self.estimate(reduced(grey, coarse / side), coarse), side)

    def _cost(self, grey: Array, kernel: Array) -> float:
        solver = SparsePicture(grey, len(kernel))
        for _ in range(3):  # until the border is filled
            solver.solve(kernel, self.weight, self.thresholds)
        return solver.cost(kernel, self.weight)

    def _level(self) -> Level:
        weight, thresholds = self.weight, self.thresholds

        def level(blurred: Array, kernel: Array, _: Array | None) -> tuple[Array, Array]:
            nonlocal weight
            solver, seen = SparsePicture(blurred, len(kernel)), inner_gradient(blurred)
            latent = blurred
            for _ in range(self.rounds):
                latent = solver.solve(kernel, weight, thresholds)
                fit = KernelFit(inner_gradient(latent), seen, len(kernel))
                flat = np.full_like(kernel, 1 / kernel.size)
                kernel = cleaned(fit.solve(flat, self.ridge, 20), self.kernel_threshold, self.kernel_part)
                weight = max(weight / self.weight_factor, self.weight_least)
            return kernel, latent

        return level
