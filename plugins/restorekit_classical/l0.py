"""The image step of the methods with an L0 prior on gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .border import Frame
from .operators import gradient, gradient_adjoint, laplace_transfer, picture, spectrum, transfer

if TYPE_CHECKING:
    from restorekit import Array


_NONE = 0.5 / 255
"""Length below which a gradient is none."""


class SparsePicture:
    """The sharpest simple picture that explains a blurred one: ``|k * x - y|^2 + weight |grad x|_0``.

    The border is unknown: it holds what the last estimate predicts.

    Args:
        blurred: H,W y.
        side: Side of the largest kernel.
    """

    def __init__(self, blurred: Array, side: int) -> None:
        self.blurred = blurred
        self.frame = Frame.around(blurred, side)
        self._laplace = laplace_transfer(self.frame.shape, blurred.dtype)
        self._whole = self.frame.extend(blurred)

    def solve(self, kernel: Array, weight: float, thresholds: Sequence[float]) -> Array:
        """Minimise by half-quadratic splitting, gradients shorter than a falling threshold set to 0.

        For each threshold e that is ``|k * x - y|^2 + weight / e^2 |grad x - g|^2`` with g the gradients of x that are
        at least e long.

        Args:
            kernel: side,side of sum 1.
            weight: Of the prior.
            thresholds: Falling.

        Returns:
            H,W.
        """
        blur = self._transfer(kernel)
        energy = np.abs(blur) ** 2
        x = self.frame.complete(self.blurred, picture(blur * spectrum(self._whole), self.frame.shape))
        data = np.conj(blur) * spectrum(x)
        for threshold in thresholds:
            field = gradient(x)
            field *= np.square(field).sum(axis=0) >= threshold**2
            pull = weight / threshold**2
            top = data + pull * spectrum(gradient_adjoint(field))
            x = picture(top / (energy + pull * self._laplace), self.frame.shape)
        self._whole = x
        return self.frame.crop(x)

    def cost(self, kernel: Array, weight: float) -> float:
        """What the last estimate costs: ``|k * x - y|^2 + weight |grad x|_0`` over the picture.

        A gradient below half a grey level of 255 counts as none.
        """
        predicted = picture(self._transfer(kernel) * spectrum(self._whole), self.frame.shape)
        gap = self.frame.crop(predicted) - self.blurred
        lengths = np.square(self.frame.crop(gradient(self._whole))).sum(axis=0)
        return float((gap**2).sum() + weight * (lengths > _NONE**2).sum())

    def _transfer(self, kernel: Array) -> Array:
        return transfer(kernel.astype(self.blurred.dtype), self.frame.shape)
