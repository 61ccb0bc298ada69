"""What all methods share: pictures in, pictures and kernels out."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Footprint, Restorer

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array

Progress = Callable[[float], None]
"""Called with the share of the work that is done, in [0, 1]."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deblurred:
    """What a method made of a picture.

    Attributes:
        picture: The restored picture, of the shape of the blurred one, float32, not clamped.
        kernel: h,w float64, not negative, of sum 1; its middle element is no shift. The blurred picture is about the
            restored one convolved with it (the convolution of mathematics, which turns the kernel round).
        note: Why the picture was given back as it was; empty if it was restored.
    """

    picture: Array
    kernel: Array
    note: str = ""


class Method(Restorer):
    """A restorer that computes on the CPU with NumPy, one picture after the other."""

    footprint = Footprint(pixel_memory=400)

    @abstractmethod
    def deblur(self, image: Array) -> Deblurred:
        """Restore a picture, H,W,3 or H,W, float in [0, 1]."""

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 in [0, 1] to the same, not clamped; the log tells which were given back, and why.

        Raises:
            RestorekitError: As ``deblur`` says.
        """
        return np.stack([self._told(self.deblur(image)) for image in images])

    def restore(self, images: Tensor) -> Tensor:
        """Restore N,3,H,W float32 in [0, 1], on the CPU, to the same, on the device that they came from."""
        return through_arrays(self.restore_arrays, images)

    def _told(self, result: Deblurred) -> Array:
        if result.note:
            _log.warning("%s: %s", self.name, result.note)
        return result.picture


def through_arrays(restore: Callable[[Array], Array], images: Tensor) -> Tensor:
    """Call what takes and gives N,H,W,3 float32 for N,3,H,W of any device."""
    import torch

    arrays = images.detach().float().cpu().permute(0, 2, 3, 1).numpy()
    return torch.from_numpy(restore(arrays)).permute(0, 3, 1, 2).to(images.device)


def planes_of(image: Array) -> Array:
    """H,W,3 or H,W to the C,H,W float32 that differ: one where the channels are equal."""
    planes = np.asarray(image, np.float32)
    if planes.ndim == 2:
        return planes[None]
    if (planes[..., :1] == planes[..., 1:]).all():
        return planes[None, ..., 0]
    return np.ascontiguousarray(planes.transpose(2, 0, 1))


def image_of(planes: Array, shape: tuple[int, ...]) -> Array:
    """Undo `planes_of`, to the shape of its image."""
    if len(shape) == 2:
        return planes[0]
    return np.ascontiguousarray(np.broadcast_to(planes.transpose(1, 2, 0), shape))


def doubt(restored: Array, blurred: Array) -> str:
    """Say why a result cannot be right, or nothing.

    A blur keeps the mean of a picture, about, and lowers its contrast.

    Args:
        restored: C,H,W.
        blurred: C,H,W.
    """
    if not np.isfinite(restored).all():
        return "the result has values that are not finite"
    shown = np.clip(restored, 0, 1)
    if abs(float(shown.mean()) - float(blurred.mean())) > 0.1:
        return "the result is darker or brighter by more than a tenth"
    if float(shown.std()) < 0.5 * float(blurred.std()):
        return "the result lost more than half of the contrast"
    return ""
