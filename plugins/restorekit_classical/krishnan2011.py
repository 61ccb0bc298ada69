"""The restorer ``krishnan2011``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Restorer

from .base import Progress, part
from .blind import Blind
from .checks import above_0, within
from .coarse_to_fine import coarse_to_fine
from .edges import inner_gradient
from .hyper_laplacian import HyperLaplacian
from .kernel import bar, cleaned, spot
from .kernel_step import KernelFit
from .sparse_gradients import SparseGradients, scaled

if TYPE_CHECKING:
    from restorekit import Array


_STARTS = {"bar": bar, "spot": spot}


@dataclass(frozen=True)
class Krishnan2011(Blind):
    """Normalised sparsity (Krishnan, Tay and Fergus, CVPR 2011).

    On the gradients y of the picture along x and y, each for itself, minimises
    ``weight / 2 |k * x - y|^2 + |x|_1 / |x|_2 + kernel_weight |k|_1`` (equation 3). A blur lowers the ratio of the two
    norms less than it lowers any norm, so that the sharp picture has the least cost. The numbers are those of the
    authors' first program, which brings the gradients of every level to one length, where nothing else is said.

    Attributes:
        weight: Of the data, lambda; the more noise, the smaller. The authors' program has 100.
        length: To which the gradients of each direction are brought at every level.
        kernel_weight: Of the kernel's sum, psi.
        outer: Renewals of the norm ``|x|_2`` in an image step (algorithm 3).
        inner: Steps of shrinkage between them (algorithm 2). The authors' program has 2, which left the picture
            behind the kernel here.
        step: Their size, t; it is halved where the cost grows to three times what it was. The authors' program has
            1e-3, with which kernels came out less sharp here.
        step_least: Below which it is not halved.
        rounds: Image and kernel steps at each level.
        iterations: Of conjugate gradients in a kernel step.
        kernel_threshold: Share of the largest value below which the values of the last kernel are set to 0; the
            authors' program leaves these specks.
        smallest: Least side of a kernel.
        starts: First kernels, of "bar" (two pixels side by side, the authors') and "spot" (3 x 3 pixels alike). The
            search begins from each, as the result depends on it, and the kernel of the least cost is taken.
        final: The restorer that uses the kernel in the end; with an exponent of 1, as the authors' last step.

    Raises:
        ValueError: If a field is out of its range.
    """

    weight: float = 30.0
    length: float = 6.0
    kernel_weight: float = 0.0
    outer: int = 2
    inner: int = 6
    step: float = 3e-3
    step_least: float = 1e-4
    rounds: int = 21
    iterations: int = 1
    kernel_threshold: float = 0.05
    smallest: int = 5
    starts: tuple[str, ...] = ("bar", "spot")
    final: Restorer = field(default_factory=lambda: HyperLaplacian(weight=3000.0, exponent=1.0))

    name = "krishnan2011"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "weight", "length", "step", "step_least")
        within(self, 0, 1e9, "kernel_weight")
        within(self, 1, 1000, "outer", "inner", "rounds", "iterations")
        within(self, 0, 1, "kernel_threshold")
        within(self, 3, 255, "smallest")
        if not self.starts or not set(self.starts) <= set(_STARTS):
            raise ValueError(f"starts must name one or more of {', '.join(_STARTS)}, not {list(self.starts)}")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""
        found = [
            self._from(
                _STARTS[start], grey, side, part(progress, n / len(self.starts), (n + 1) / len(self.starts))
            )
            for n, start in enumerate(self.starts)
        ]
        return min(found, key=lambda each: each[0])[1]

    def _from(
        self, start: Callable[[int], Array], grey: Array, side: int, progress: Progress | None
    ) -> tuple[float, Array]:
        """Search from a first kernel; what it came to costs, and the kernel."""
        step, cost = self.step, 0.0

        def level(blurred: Array, kernel: Array, latent: Array | None) -> tuple[Array, Array]:
            nonlocal step, cost
            seen = scaled(inner_gradient(blurred), self.length)
            before = seen if latent is None else scaled(latent, self.length)
            sparse = SparseGradients(seen, len(kernel), before, self.weight)
            for _ in range(self.rounds):
                step = sparse.improve(kernel, step, self.step_least, self.outer, self.inner)
                fit = KernelFit(sparse.gradients, seen, len(kernel))
                ridge = self.kernel_weight / np.maximum(kernel, 1e-4)
                kernel = cleaned(fit.solve(kernel, ridge, self.iterations, 1e-4), 0.0)
            cost = sparse.cost(kernel)
            return kernel, sparse.gradients

        kernel = coarse_to_fine(grey, self._sides(side), level, progress, start)
        return cost, cleaned(kernel, self.kernel_threshold)

    def _sides(self, side: int) -> list[int]:
        """From ``max(smallest, (side - 1) / 16 doubled)`` on, each the root of 2 times the last, up to ``side``."""
        sides = [min(max(self.smallest, 2 * ((side - 1) // 16) + 1), side)]
        while sides[-1] < side:
            larger = ceil(2**0.5 * sides[-1])
            sides.append(min(larger + 1 - larger % 2, side))
        return sides
