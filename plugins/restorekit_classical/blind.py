"""What the methods that find the kernel share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Footprint, ImageError, Restorer

from .base import Deblurred, Method, Progress, doubt, image_of, part, planes_of, through_arrays
from .hyper_laplacian import HyperLaplacian
from .kernel import delta
from .nonblind import NonBlind

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of R, G and B in grey (ITU-R BT.601)."""

_FLAT = 2 / 255
"""Range of grey values below which a picture shows nothing that a blur could be told by."""

_ESTIMATE = 0.9
"""Share of the work that the kernel takes, about."""

_LARGEST = 255
"""Side of the largest kernel that may be looked for, pixels."""


@dataclass(frozen=True)
class Blind(Method):
    """A method that finds the kernel in the grey picture, and then restores the colours with it.

    Attributes:
        size: Side of the largest kernel that is looked for, pixels, odd. A small picture, which shows less, is searched
            for kernels up to half of its shorter side.
        size_known: Whether a test set tells the side of each kernel, which then takes the place of ``size``.
        window: Side of the middle part that the kernel is estimated from, pixels: a blur that is the same everywhere
            shows there, and a larger part takes longer.
        final: The restorer that uses the kernel in the end: one of those with a known kernel.
    """

    size: int = 27
    size_known: bool = False
    window: int = 384
    final: Restorer = field(default_factory=HyperLaplacian)

    footprint = Footprint(pixel_memory=400, tileable=False)

    def __post_init__(self) -> None:
        if not 3 <= self.size <= _LARGEST or self.size % 2 == 0:
            raise ValueError(f"size must be an odd number from 3 to {_LARGEST}, not {self.size}")
        if not 32 <= self.window <= 10_000:
            raise ValueError(f"window must be 32 to 10000, not {self.window}")
        if not isinstance(self.final, NonBlind):
            raise ValueError(f"final must be a restorer that takes a kernel, not {type(self.final).__name__}")

    @property
    def needs(self) -> tuple[str, ...]:
        """The side of a test set's kernel, where it is to be told."""
        return ("size",) if self.size_known else ()

    def restore(self, images: Tensor, size: Tensor | None = None) -> Tensor:
        """Restore N,3,H,W, looking for kernels of the sides N of a test set, or of up to ``size``, to the same."""
        if size is None:
            return super().restore(images)
        sides = [min(max(int(side) | 1, 3), _LARGEST) for side in size]
        return through_arrays(lambda arrays: np.stack(list(map(self._of_size, arrays, sides))), images)

    def _of_size(self, image: Array, side: int) -> Array:
        return self.told(image, replace(self, size=side).deblur(image))

    def deblur(self, image: Array, progress: Progress | None = None) -> Deblurred:
        """Find the kernel of a picture, and restore the picture with it.

        Args:
            image: H,W,3 or H,W, float in [0, 1], each side at least 8.
            progress: Told how far it is.

        Raises:
            ImageError: The picture is smaller than that.
        """
        side = self._side(image)
        planes = planes_of(image)
        grey = self._grey(planes)
        if np.ptp(grey) < _FLAT:
            return _given_back(image, side, "the picture is flat and shows no blur")
        with np.errstate(all="ignore"):  # what comes of it is looked at
            found = self.estimate(grey, side, part(progress, 0, _ESTIMATE)).astype(np.float64)
            kernel = found / found.sum()  # beyond single precision
            if not np.isfinite(kernel).all():
                return _given_back(image, side, "the search for the kernel diverged")
            restored = self.final.solve_all(planes, kernel, part(progress, _ESTIMATE, 1))
        why = doubt(restored, planes)
        return _given_back(image, side, why) if why else Deblurred(image_of(restored, image.shape), kernel)

    @abstractmethod
    def estimate(self, grey: Array, side: int, progress: Progress | None = None) -> Array:
        """Find the kernel, ``side`` squared and of sum 1, of H,W float32 in [0, 1]."""

    def _side(self, image: Array) -> int:
        height, width = image.shape[:2]
        side = min(self.size, min(height, width) // 4 * 2 - 1)
        if side < 3:
            raise ImageError(
                f"a picture of {width} x {height} pixels is too small to find a blur in",
                "give at least 8 x 8",
            )
        return side

    def _grey(self, planes: Array) -> Array:
        top, left = (max(length - self.window, 0) // 2 for length in planes.shape[-2:])
        middle = planes[:, top : top + self.window, left : left + self.window]
        return middle[0] if len(middle) == 1 else np.tensordot(_LUMA, middle, axes=1)


def _given_back(image: Array, side: int, why: str) -> Deblurred:
    return Deblurred(np.asarray(image, np.float32), delta(side), why)
