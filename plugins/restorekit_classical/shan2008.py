"""The restorer ``shan2008``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Restorer

from .base import Progress
from .blind import Blind
from .border import Frame
from .checks import above_0, within
from .hyper_laplacian import HyperLaplacian
from .kernel import cleaned, off_centre
from .kernel_step import KernelFit
from .natural import best_gradients
from .operators import gradient, gradient_adjoint, laplace_transfer, picture, spectrum, transfer
from .xu2013 import Xu2013

if TYPE_CHECKING:
    from restorekit import Array

ORDERS = (50.0, 25.0, 12.5)
"""Weights of the picture, its first and its second derivatives: 50 halved with each order (section 3.1)."""

WEIGHTS = [ORDERS[order] for order in (0, 1, 1, 2, 2, 2)]
"""Of what `derivatives` returns."""


@dataclass(frozen=True)
class Shan2008(Blind):
    """High-quality motion deblurring (Shan, Jia and Agarwala, SIGGRAPH 2008).

    In grey values of 0 to 255, minimises (equation 7) ``sum_d w_d |d x * k - d y|^2 + prior |phi(grad x)|_1 + |k|_1``
    and on smooth parts ``local |grad x - grad y|^2`` beside, d being the identity and the derivatives of first and
    second order. phi is the logarithm of how gradients of photographs are spread. The paper starts from a kernel that
    a person draws; here from the one that ``xu2013`` finds on a reduced picture.

    Attributes:
        prior: Weight of the prior at first, lambda 1; from [0.002, 0.5] (section 4).
        prior_factor: By which it falls with each round, kappa 1 (section 4: 1.1 to 1.4).
        local: Weight of the smooth parts' gradients at first, lambda 2; from [10, 25].
        local_factor: By which it falls with each round, kappa 2 (section 4: 1.5).
        penalty: Of the split gradients at first, gamma (section 4: 2).
        inner: How often gradients and picture are found by turns in an image step; gamma doubles each time.
        smooth: Standard deviation in a window as large as the kernel, in grey values of 255, below which a part is
            smooth (section 3.2: 5).
        rounds: Image and kernel steps.
        start: Share of the full size at which the first kernel is found.
        kernel_threshold: Share of the largest value below which a kernel's values are set to 0.
        final: The restorer that uses the kernel in the end.

    Raises:
        ValueError: If a field is out of its range.
    """

    prior: float = 0.5
    prior_factor: float = 1.2
    local: float = 15.0
    local_factor: float = 1.5
    penalty: float = 2.0
    inner: int = 7
    smooth: float = 5.0
    rounds: int = 8
    start: float = 0.75
    kernel_threshold: float = 0.05
    final: Restorer = field(default_factory=HyperLaplacian)

    name = "shan2008"

    def __post_init__(self) -> None:
        super().__post_init__()
        above_0(self, "prior", "local", "penalty", "start")
        within(self, 1, 10, "prior_factor", "local_factor")
        within(self, 0, 255, "smooth")
        within(self, 0, 1, "start", "kernel_threshold")
        within(self, 1, 50, "rounds", "inner")

    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""
        kernel = Xu2013().estimate_coarse(grey, side, self.start)
        blurred = 255 * grey
        frame = Frame.around(blurred, side)
        mask = frame.complete(smooth_parts(blurred, side, self.smooth), np.zeros(frame.shape, blurred.dtype))
        seen, x = derivatives(blurred), frame.extend(blurred)
        prior, local = self.prior, self.local
        for n in range(self.rounds):
            blur = transfer(kernel.astype(blurred.dtype), frame.shape)
            y = frame.complete(blurred, picture(blur * spectrum(x), frame.shape))
            slopes, x = gradient(y), y
            for penalty in [self.penalty * 2.0**double for double in range(self.inner)]:
                split = best_gradients(gradient(x), slopes, mask, prior, local, penalty)
                x = sharper(y, blur, split, penalty)
            fit = KernelFit(derivatives(frame.crop(x)), seen, side, WEIGHTS)
            kernel = cleaned(
                fit.solve(np.full_like(kernel, 1 / kernel.size), 0.0, 10), self.kernel_threshold, 0.1
            )
            prior, local = prior / self.prior_factor, local / self.local_factor
            if progress is not None:
                progress((n + 1) / self.rounds)
        rows, columns = off_centre(kernel)
        return np.roll(kernel, (-rows, -columns), (0, 1))


def derivatives(image: Array) -> Array:
    """The picture and its forward differences: 6,H,W, in the order 0, x, y, xx, yy, xy, each 0 beyond the edge."""

    def along(values: Array, axis: int) -> Array:
        last = values[:, -1:] if axis == 1 else values[-1:]
        return np.diff(values, axis=axis, append=last)

    x, y = along(image, 1), along(image, 0)
    return np.stack([image, x, y, along(x, 1), along(y, 0), along(x, 0)])


def smooth_parts(image: Array, side: int, deviation: float) -> Array:
    """H,W: 1 where the standard deviation in a window of ``side`` pixels is below ``deviation``, else 0."""
    from scipy.ndimage import uniform_filter

    mean = uniform_filter(image, side, mode="nearest")
    variance = uniform_filter(image**2, side, mode="nearest") - mean**2
    return (variance < deviation**2).astype(image.dtype)


def sharper(y: Array, blur: Array, split: Array, penalty: float) -> Array:
    """Minimise ``sum_d w_d |d x * k - d y|^2 + penalty |grad x - split|^2`` on a torus (equation 11)."""
    shape = y.shape
    laplace = laplace_transfer(shape, y.dtype)
    orders = ORDERS[0] + ORDERS[1] * laplace + ORDERS[2] * laplace**2
    top = np.conj(blur) * orders * spectrum(y) + penalty * spectrum(gradient_adjoint(split))
    return picture(top / (np.abs(blur) ** 2 * orders + penalty * laplace), shape)
