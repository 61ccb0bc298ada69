"""The kernel that explains a blurred picture's derivatives by those of a sharp estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


class KernelFit:
    """Least squares for a kernel, on the pixels that need nothing beyond the frame.

    The sum over maps f of ``weight_f |k * sharp_f - blurred_f|^2 + ridge |k|^2``, over the pixels whose whole support
    lies inside, so that no border is invented.

    Args:
        sharp: F,H,W, derivatives of the sharp estimate.
        blurred: F,H,W, the same derivatives of the blurred picture.
        side: Side of the kernel, odd, at most H and W.
        weights: F weights; all 1 if None.
    """

    def __init__(
        self, sharp: Array, blurred: Array, side: int, weights: Sequence[float] | None = None
    ) -> None:
        from scipy.fft import next_fast_len, rfft2

        height, width = sharp.shape[-2:]
        self.side = side
        self._inside = slice(side - 1, height), slice(side - 1, width)
        self._shape = next_fast_len(height, real=True), next_fast_len(width, real=True)
        self._spectra = rfft2(sharp, self._shape)
        self._type = sharp.dtype
        self._weights = np.ones((len(sharp), 1, 1), self._type)
        if weights is not None:
            self._weights *= np.reshape(weights, (-1, 1, 1))
        half = side // 2
        self._wanted = blurred[:, half : height - half, half : width - half]

    def blur(self, kernel: Array) -> Array:
        """Convolve the maps: F,H - side + 1,W - side + 1."""
        from scipy.fft import irfft2, rfft2

        whole: Array = irfft2(self._spectra * rfft2(kernel.astype(self._type), self._shape), self._shape)
        return whole[(slice(None), *self._inside)]

    def adjoint(self, maps: Array) -> Array:
        """Adjoint of `blur`, summed over the maps: side,side."""
        from scipy.fft import irfft2, rfft2

        placed = np.zeros((len(maps), *self._shape), self._type)
        placed[(slice(None), *self._inside)] = maps
        product = (np.conj(self._spectra) * rfft2(placed)).sum(axis=0)
        correlated: Array = irfft2(product, self._shape)
        return correlated[: self.side, : self.side]

    def normal(self, kernel: Array) -> Array:
        """``sum_f weight_f A_f' A_f k``."""
        return self.adjoint(self._weights * self.blur(kernel))

    @property
    def target(self) -> Array:
        """``sum_f weight_f A_f' blurred_f``."""
        return self.adjoint(self._weights * self._wanted)

    def cost(self, kernel: Array, ridge: float | Array) -> float:
        """The sum that is minimised."""
        off = self.blur(kernel) - self._wanted
        return float((self._weights * off**2).sum() + (ridge * kernel**2).sum())

    def solve(self, start: Array, ridge: float | Array, rounds: int, tolerance: float = 1e-5) -> Array:
        """Minimise by conjugate gradients.

        Args:
            start: Kernel to begin with.
            ridge: Weight of ``|k|^2``, one or one a pixel.
            rounds: Most iterations.
            tolerance: Length of the residual, relative to that of the target, to stop at.
        """
        target = self.target
        kernel = start.astype(self._type)
        residual = target - self.normal(kernel) - ridge * kernel
        direction, power = residual, float((residual**2).sum())
        enough = tolerance**2 * float((target**2).sum())
        for _ in range(rounds):
            if not power > enough:
                break
            image = self.normal(direction) + ridge * direction
            step = power / float((direction * image).sum())
            kernel = kernel + step * direction
            residual = residual - step * image
            power, before = float((residual**2).sum()), power
            direction = residual + power / before * direction
        return kernel
