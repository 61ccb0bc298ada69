"""The restorer ``cho_lee2009``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress
from .blind import Blind
from .border import Frame
from .checks import above_0, within
from .coarse_to_fine import coarse_to_fine
from .edges import bilateral, gradient_threshold, inner_gradient, shocked, strong
from .kernel import cleaned
from .kernel_step import KernelFit
from .operators import laplace_transfer, picture, spectrum, transfer
from .pyramid import kernel_sides

if TYPE_CHECKING:
    from restorekit import Array

FIRST, SECOND = 25.0, 12.5
"""Weights of first and second derivatives (section 4.3 of the paper)."""


@dataclass(frozen=True)
class ChoLee2009(Blind):
    """Fast motion deblurring by predicted edges (Cho and Lee, SIGGRAPH Asia 2009).

    Each round predicts the strong edges of the estimate by a bilateral and a shock filter (section 4.2), fits the
    kernel to them (section 4.3), and deconvolves fast (section 4.4).

    Attributes:
        range_sigma: Of the bilateral filter, in grey values of [0, 1], at first; falls as ``fade`` says.
        space_sigma: Of the bilateral filter, pixels.
        shock: Step of the shock filter at first; falls as ``fade`` says.
        keep: How many gradients, in sides of the kernel, each of four directions keeps at first (r in section 4.2).
        fade: Factor of ``range_sigma``, ``shock`` and the threshold of gradients after each round.
        ridge: Weight of the kernel's squares (beta in equation 5).
        smoothness: Weight of the gradients in the fast deconvolution (alpha in equation 9).
        kernel_threshold: Share of the largest value below which a kernel's values are set to 0.
        rounds: Predictions and kernel steps at each level.
        iterations: Of conjugate gradients in a kernel step.
        ratio: Between the sizes of neighbouring levels.
        smallest: Least side of a kernel.

    Raises:
        ValueError: If a field is out of its range.
    """

    range_sigma: float = 0.5
    space_sigma: float = 2.0
    shock: float = 1.0
    keep: float = 2.0
    fade: float = 0.9
    ridge: float = 5.0
    smoothness: float = 0.1
    kernel_threshold: float = 0.05
    rounds: int = 5
    iterations: int = 10
    ratio: float = 1.6
    smallest: int = 3

    name = "cho_lee2009"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "range_sigma", "space_sigma", "keep", "fade", "smoothness")
        within(self, 0, 1, "shock", "fade", "kernel_threshold")
        within(self, 0, 1e9, "ridge")
        within(self, 1, 1000, "rounds", "iterations")
        within(self, 1.1, 10, "ratio")
        within(self, 3, 255, "smallest")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""

        def level(blurred: Array, kernel: Array, latent: Array | None) -> tuple[Array, Array]:
            seen, frame = derivatives(inner_gradient(blurred)), Frame.around(blurred, len(kernel))
            latent = blurred if latent is None else latent
            threshold = None
            for n in range(self.rounds):
                strength = self.fade**n
                smooth = bilateral(latent, 2, self.space_sigma, self.range_sigma * strength)
                edges = inner_gradient(shocked(smooth, self.shock * strength))
                if threshold is None:
                    threshold = gradient_threshold(edges, round(self.keep * len(kernel)))
                edges = strong(edges, threshold * strength)
                fit = KernelFit(derivatives(edges), seen, len(kernel), [FIRST] * 2 + [SECOND] * 3)
                kernel = cleaned(fit.solve(kernel, self.ridge, self.iterations), self.kernel_threshold)
                latent = frame.crop(fast(frame, blurred, kernel, self.smoothness))
            return kernel, latent

        return coarse_to_fine(grey, kernel_sides(side, self.ratio, self.smallest), level, progress)


def derivatives(field: Array) -> Array:
    """From gradients 2,H,W to first and second derivatives 5,H,W: x, y, xx, yy, xy."""
    xx, xy = inner_gradient(field[0])
    yx, yy = inner_gradient(field[1])
    return np.stack([*field, xx, yy, (xy + yx) / 2])


def fast(frame: Frame, blurred: Array, kernel: Array, smoothness: float) -> Array:
    """Deconvolve in one step: derivatives up to the second order, squared gradients as prior (equation 9)."""
    blur = transfer(kernel.astype(blurred.dtype), frame.shape)
    laplace = laplace_transfer(frame.shape, blurred.dtype)
    orders = 2 * FIRST + FIRST * laplace + SECOND * laplace**2
    data = np.conj(blur) * orders * spectrum(frame.extend(blurred))
    return picture(data / (np.abs(blur) ** 2 * orders + smoothness * laplace), frame.shape)
