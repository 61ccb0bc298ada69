"""The restorer ``zhong2013``."""

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
from .edges import inner_gradient
from .kernel import cleaned, off_centre
from .kernel_step import KernelFit
from .l0 import SparsePicture
from .non_local_means import NonLocalMeans
from .operators import picture, spectrum
from .xu2013 import Xu2013

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class Zhong2013(Blind):
    """Deblurring by directional filters, for noisy pictures (Zhong, Cho, Metaxas, Paris and Wang, CVPR 2013).

    A filter that averages along one direction takes the noise, and keeps the kernel's projection across that direction
    (section 3). So for many directions a kernel is fitted to filtered pictures and projected, and the inverse Radon
    transform of the projections is the kernel (section 4.1). It pays where the noise is strong. Where the paper is
    silent, and for the first kernel, it is as ``xu2013``.

    Attributes:
        directions: How many, spread evenly over 180 degrees (36 there).
        spread: Standard deviation of the filter along its direction, pixels. The paper's, for large pictures, is about
            30; a face of 128 pixels has no room for more than 8 to 10.
        rounds: Image and kernel steps at full size.
        start: Share of the full size at which the first kernel is found.
        weight: Of the picture's gradients in the image step, as in ``xu2013``.
        ridge: Weight of the kernel's squares.
        kernel_threshold: Share of the largest value below which a kernel's values are set to 0.
        final: The restorer that uses the kernel in the end (section 4.3).

    Raises:
        ValueError: If a field is out of its range.
    """

    directions: int = 36
    spread: float = 8.0
    rounds: int = 2
    start: float = 0.75
    weight: float = 4e-3
    ridge: float = 2.0
    kernel_threshold: float = 0.05
    final: Restorer = field(default_factory=NonLocalMeans)

    name = "zhong2013"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "spread", "weight", "start")
        within(self, 2, 720, "directions")
        within(self, 1, 1000, "rounds")
        within(self, 0, 1e9, "ridge")
        within(self, 0, 1, "start", "kernel_threshold")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""
        first = Xu2013()
        kernel = first.estimate_coarse(grey, side, self.start)
        solver, seen = SparsePicture(grey, side), inner_gradient(grey)
        angles = np.arange(self.directions) * (180 / self.directions)
        for n in range(self.rounds):
            sharp = inner_gradient(solver.solve(kernel, self.weight, first.thresholds))
            kernels = []
            for m, angle in enumerate(angles):
                fit = KernelFit(*(along(maps, angle, self.spread) for maps in (sharp, seen)), side)
                kernels.append(fit.solve(kernel, self.ridge, 10))
                if progress is not None:
                    progress((n + (m + 1) / len(angles)) / self.rounds)
            kernel = cleaned(joined(kernels, angles), self.kernel_threshold, first.kernel_part)
            rows, columns = off_centre(kernel)
            kernel = np.roll(kernel, (-rows, -columns), (0, 1))
        return kernel


def along(maps: Array, angle: float, spread: float) -> Array:
    """Average ...,H,W by a Gaussian along the lines that the Radon transform at ``angle`` (degrees) sums over."""
    frame = Frame.around(maps, 2 * ceil(2 * spread) + 1)
    y, x = np.fft.fftfreq(frame.shape[0])[:, None], np.fft.rfftfreq(frame.shape[1])
    towards = x * np.sin(np.deg2rad(angle)) + y * np.cos(np.deg2rad(angle))
    passed = np.exp(-((2 * np.pi * spread * towards) ** 2) / 2).astype(maps.dtype)
    return frame.crop(picture(passed * spectrum(frame.extend(maps)), frame.shape))


def joined(kernels: list[Array], angles: Array) -> Array:
    """Join kernels, each of which is right in its projection at one angle alone, to one that has all projections."""
    from skimage.transform import iradon, radon

    side = len(kernels[0])
    border = (ceil(side * 2**0.5) - side) // 2 + 1  # so that the corners lie within the circle
    sums = [
        radon(np.pad(kernel, border), theta=[angle], circle=True)[:, 0]
        for kernel, angle in zip(kernels, angles, strict=True)
    ]
    whole: Array = iradon(np.stack(sums, axis=1), theta=angles, circle=True)
    return whole[border : border + side, border : border + side]
