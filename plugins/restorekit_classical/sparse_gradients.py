"""The image step of ``krishnan2011``: gradients whose sum is small against their length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .border import Frame
from .operators import picture, spectrum, transfer
from .shrinkage import soft

if TYPE_CHECKING:
    from restorekit import Array


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
