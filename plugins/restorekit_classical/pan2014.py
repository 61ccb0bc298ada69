"""The restorer ``pan2014``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Restorer

from .base import Progress
from .blind import Blind
from .checks import above_0, within
from .edges import gradient_threshold, inner_gradient, strong
from .exemplars import drawn_face, read_faces
from .hyper_laplacian import HyperLaplacian
from .kernel import cleaned, off_centre
from .kernel_step import KernelFit
from .l0 import SparsePicture
from .matching import best_place, contours
from .xu2013 import Xu2013

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class Pan2014(Blind):
    """Deblurring face images with exemplars (Pan, Hu, Su and Yang, ECCV 2014).

    Among exemplars it looks for the face whose contours agree best with the blurred one's gradients (equation 1 there),
    and starts from these contours as the salient edges. Then kernel and picture are found by turns at full size, with
    no pyramid (algorithm 1). The paper's exemplars have contours drawn by hand; here they are the strongest gradients
    within the oval of the face.

    Attributes:
        exemplars: A folder of aligned faces, framed as the blurred ones are, or one picture, such as a mean face;
            without it, a mean face that is drawn for CelebA's 128 x 128 crop.
        limit: Read so many exemplars, the first by name.
        scales: Of an exemplar's height to the picture's shorter side, that are tried.
        angles: Of an exemplar, degrees, that are tried.
        weight: Of the gradients in the image step, lambda (section 4: 2e-3).
        ridge: Weight of the kernel's squares, gamma (section 4: 1).
        rounds: Kernel and image steps (section 4: 50).
        keep: How many gradients, in sides of the kernel, each of four directions keeps as salient.
        kernel_threshold: Share of the largest value below which a kernel's values are set to 0.
        final: The restorer that uses the kernel in the end; the paper's has an exponent of 0.8 (section 3.2).

    Raises:
        ValueError: If a field is out of its range.
    """

    exemplars: Path | None = None
    limit: int = 200
    scales: tuple[float, ...] = (0.9, 1.0, 1.1)
    angles: tuple[float, ...] = (-8.0, 0.0, 8.0)
    weight: float = 2e-3
    ridge: float = 1.0
    rounds: int = 50
    keep: float = 20.0
    kernel_threshold: float = 0.05
    final: Restorer = field(default_factory=lambda: HyperLaplacian(exponent=0.8))

    name = "pan2014"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "weight", "keep")
        within(self, 1, 10_000, "limit", "rounds")
        within(self, 0, 1e9, "ridge")
        within(self, 0, 1, "kernel_threshold")
        if not self.scales or not self.angles or min(self.scales) < 0.1:
            raise ValueError("scales and angles must name one at least, scales of 0.1 or more")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1].

        Raises:
            RestorekitError: The folder of exemplars cannot be read, or holds no faces.
        """
        thresholds = Xu2013(threshold_factor=2.0).thresholds
        seen, solver = inner_gradient(grey), SparsePicture(grey, side)
        edges = self.salient(grey)
        kernel = np.full((side, side), 1 / side**2)
        for n in range(self.rounds):
            fit = KernelFit(edges, seen, side)
            kernel = cleaned(fit.solve(kernel, self.ridge, 10), self.kernel_threshold, 0.1)
            field = inner_gradient(solver.solve(kernel, self.weight, thresholds))
            edges = strong(field, gradient_threshold(field, round(self.keep * side)))
            if progress is not None:
                progress((n + 1) / self.rounds)
        rows, columns = off_centre(kernel)
        return np.roll(kernel, (-rows, -columns), (0, 1))

    def salient(self, grey: Array) -> Array:
        """The contours of the exemplar that fits best, where they lie in the picture: 2,H,W."""
        faces = (drawn_face(),) if self.exemplars is None else read_faces(self.exemplars, self.limit)
        face, place = best_place(grey, faces, self.scales, self.angles)
        return contours(face, place, (grey.shape[0], grey.shape[1]))
