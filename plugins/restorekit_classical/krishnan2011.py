"""The restorer ``krishnan2011``."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Restorer

from .base import Progress
from .blind import Blind
from .border import Frame
from .checks import above_0, within
from .coarse_to_fine import coarse_to_fine
from .edges import inner_gradient
from .hyper_laplacian import HyperLaplacian
from .kernel import cleaned
from .kernel_step import KernelFit
from .operators import picture, spectrum, transfer
from .shrinkage import soft

if TYPE_CHECKING:
    from restorekit import Array


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
        inner: Steps of shrinkage between them (algorithm 2).
        step: Their size, t; it is halved where the cost grows to three times what it was. The authors' program has
            1e-3, with which kernels came out less sharp here.
        step_least: Below which it is not halved.
        rounds: Image and kernel steps at each level.
        iterations: Of conjugate gradients in a kernel step.
        kernel_threshold: Share of the largest value below which the values of the last kernel are set to 0; the
            authors' program leaves these specks.
        smallest: Least side of a kernel.
        final: The restorer that uses the kernel in the end; with an exponent of 1, as the authors' last step.

    Raises:
        ValueError: If a field is out of its range.
    """

    weight: float = 30.0
    length: float = 6.0
    kernel_weight: float = 0.0
    outer: int = 2
    inner: int = 2
    step: float = 3e-3
    step_least: float = 1e-4
    rounds: int = 21
    iterations: int = 1
    kernel_threshold: float = 0.05
    smallest: int = 5
    final: Restorer = field(default_factory=lambda: HyperLaplacian(weight=3000.0, exponent=1.0))

    name = "krishnan2011"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "weight", "length", "step", "step_least")
        within(self, 0, 1e9, "kernel_weight")
        within(self, 1, 1000, "outer", "inner", "rounds", "iterations")
        within(self, 0, 1, "kernel_threshold")
        within(self, 3, 255, "smallest")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""
        step = self.step

        def level(blurred: Array, kernel: Array, latent: Array | None) -> tuple[Array, Array]:
            nonlocal step
            seen = scaled(inner_gradient(blurred), self.length)
            start = seen if latent is None else scaled(latent, self.length)
            sparse = SparseGradients(seen, len(kernel), start, self.weight)
            for _ in range(self.rounds):
                step = sparse.improve(kernel, step, self.step_least, self.outer, self.inner)
                fit = KernelFit(sparse.gradients, seen, len(kernel))
                ridge = self.kernel_weight / np.maximum(kernel, 1e-4)
                kernel = cleaned(fit.solve(kernel, ridge, self.iterations, 1e-4), 0.0)
            return kernel, sparse.gradients

        kernel = coarse_to_fine(grey, self._sides(side), level, progress)
        return cleaned(kernel, self.kernel_threshold)

    def _sides(self, side: int) -> list[int]:
        """From ``max(smallest, (side - 1) / 16 doubled)`` on, each the root of 2 times the last, up to ``side``."""
        sides = [min(max(self.smallest, 2 * ((side - 1) // 16) + 1), side)]
        while sides[-1] < side:
            larger = ceil(2**0.5 * sides[-1])
            sides.append(min(larger + 1 - larger % 2, side))
        return sides


class SparseGradients:
    """Gradients 2,H,W with a small ``|x|_1 / |x|_2`` each, on a torus whose border is unknown.

    Args:
        seen: The blurred ones, y.
        side: Side of the largest kernel.
        start: The estimate to begin with, 2,H,W.
        weight: Of the data.
    """

    def __init__(self, seen: Array, side: int, start: Array, weight: float) -> None:
        self.frame = Frame.around(seen, side)
        self._mask = self.frame.mask.astype(seen.dtype)
        empty = np.zeros((2, *self.frame.shape), seen.dtype)
        self._seen, self._x = self.frame.complete(seen, empty), self.frame.complete(start, empty)
        self._weight = weight

    @property
    def gradients(self) -> Array:
        """The estimate, 2,H,W."""
        return self.frame.crop(self._x)

    def cost(self, kernel: Array) -> float:
        """``weight / 2 |k * x - y|^2 + |x|_1 / |x|_2``, summed over the directions."""
        blur = self._transfer(kernel)
        gap = self._mask * picture(blur * spectrum(self._x), self.frame.shape) - self._seen
        ratio = np.abs(self._x).sum(axis=(1, 2)) / _norm(self._x)[:, 0, 0]
        return float(self._weight / 2 * (gap**2).sum() + ratio.sum())

    def improve(self, kernel: Array, step: float, least: float, outer: int, inner: int) -> float:
        """Shrink the gradients (algorithms 2 and 3); from a cost three times as high go back, and halve the step.

        Returns:
            The step that was taken.
        """
        before, cost = self._x, self.cost(kernel)
        while True:
            self._shrink(self._transfer(kernel), step, outer, inner)
            if self.cost(kernel) <= 3 * cost:
                return step
            self._x = before
            if step <= least:
                return step
            step = max(step / 2, least)

    def _transfer(self, kernel: Array) -> Array:
        return transfer(kernel.astype(self._seen.dtype), self.frame.shape)

    def _shrink(self, blur: Array, step: float, outer: int, inner: int) -> None:
        x = self._x
        for _ in range(outer):
            weight = self._weight * _norm(x)
            for _ in range(inner):
                gap = self._seen - self._mask * picture(blur * spectrum(x), self.frame.shape)
                x = soft(x + step * weight * picture(np.conj(blur) * spectrum(gap), self.frame.shape), step)
        self._x = x


def _norm(field: Array) -> Array:
    """Lengths of the directions, 2,1,1, none of them 0."""
    return np.maximum(np.sqrt(np.square(field).sum(axis=(1, 2), keepdims=True)), 1e-12)


def scaled(field: Array, length: float) -> Array:
    """Bring each direction of 2,H,W to a length."""
    return field * (length / _norm(field))
