"""Unknown borders: a picture as the known part of a larger one that wraps round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class Frame:
    """The torus on which a picture is restored.

    A blurred picture was made from more of the scene than it shows. The picture lies in the top left corner; what is
    right of it and below is unknown, and wide enough that no kernel reaches across. Nothing measured is there, so
    a solver gives these pixels no weight (Almeida and Figueiredo, IEEE TIP 22(8), 2013) or fills them with what
    its estimate predicts.

    Attributes:
        height: Rows of the picture.
        width: Its columns.
        shape: Rows and columns of the torus.
    """

    height: int
    width: int
    shape: tuple[int, int]

    @classmethod
    def around(cls, image: Array, side: int) -> Frame:
        """Frame ``...,H,W`` for kernels of at most ``side`` pixels."""
        from scipy.fft import next_fast_len

        height, width = image.shape[-2:]
        rows, columns = (next_fast_len(n + side - 1, real=True) for n in (height, width))
        return cls(height, width, (rows, columns))

    @property
    def mask(self) -> Array:
        """H,W of the torus: 1 where a pixel was measured, else 0."""
        mask = np.zeros(self.shape, np.float32)
        self.crop(mask)[...] = 1
        return mask

    def crop(self, torus: Array) -> Array:
        """The picture's part of ``...,H,W``, as a view."""
        return torus[..., : self.height, : self.width]

    def extend(self, image: Array) -> Array:
        """Fill the unknown part with ramps from each edge to the one across, so that no edge appears."""
        for axis, side in ((-1, self.shape[1]), (-2, self.shape[0])):
            image = _bridge(image, axis, side)
        return image

    def complete(self, image: Array, predicted: Array) -> Array:
        """Return ``predicted`` with the picture in its place.

        To minimise ``|k x - y|^2`` over the whole torus with what the last x predicts outside is a step of
        majorisation for the sum over the measured pixels alone: it never raises that.
        """
        whole = predicted.copy()
        self.crop(whole)[...] = image
        return whole


def _bridge(image: Array, axis: int, side: int) -> Array:
    image = np.moveaxis(image, axis, -1)
    gap = side - image.shape[-1]
    rise = np.arange(1, gap + 1, dtype=image.dtype) / (gap + 1)
    ramp = image[..., -1:] * (1 - rise) + image[..., :1] * rise
    return np.moveaxis(np.concatenate([image, ramp], axis=-1), -1, axis)
