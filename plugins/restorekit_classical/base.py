"""What all methods share: pictures in, pictures and kernels out."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit import Footprint, Restorer

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array

Progress = Callable[[float], None]
"""Called with the share of the work that is done, in [0, 1]."""


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

    license = "Apache-2.0"

    imports: ClassVar[tuple[str, ...]] = ("scipy", "skimage")

    footprint = Footprint(pixel_memory=400)

    @abstractmethod
    def deblur(self, image: Array) -> Deblurred:
        """Restore a picture, H,W,3 or H,W, float in [0, 1]."""

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 in [0, 1] to the same, not clamped; warns of those that are given back.

        Raises:
            RestorekitError: As ``deblur`` says.
        """
        return np.stack([self.told(image, self.deblur(image)) for image in images])

    def restore(self, images: Tensor) -> Tensor:
        """Restore N,3,H,W float32 in [0, 1], on the CPU, to the same, on the device that they came from."""
        return through_arrays(self.restore_arrays, images)

    def examine(self, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Say which kernel restored each image: ``kernel``, rows of numbers; and why it was ``left``, if it was."""
        return [_LATELY.pop((self, _digest(image)), {}) for image in images]

    def told(self, image: Array, result: Deblurred) -> Array:
        """Keep what ``examine`` may be asked, warn of a picture that is given back, and return the picture."""
        facts: dict[str, Any] = {"kernel": result.kernel.round(decimals=6).tolist()}
        if result.note:
            facts["left"] = result.note
            warnings.warn(f"{self.name}: {result.note}; left as it was", RuntimeWarning, stacklevel=3)
        while len(_LATELY) >= _MOST:
            del _LATELY[next(iter(_LATELY))]
        _LATELY[self, _digest(image)] = facts
        return result.picture


_LATELY: dict[tuple[Method, bytes], dict[str, Any]] = {}
"""Facts of the pictures restored last, by method and picture: to find a kernel takes too long to do it twice."""

_MOST = 64
"""Pictures whose facts are kept."""


def _digest(image: Array) -> bytes:
    return sha256(np.ascontiguousarray(image, np.float32)).digest()


def through_arrays(restore: Callable[[Array], Array], images: Tensor) -> Tensor:
    """Call what takes and gives N,H,W,3 float32 for N,3,H,W of any device."""
    import torch

    arrays = images.detach().float().cpu().permute(0, 2, 3, 1).numpy()
    return torch.from_numpy(restore(arrays)).permute(0, 3, 1, 2).to(images.device)


def part(progress: Progress | None, first: float, last: float) -> Progress | None:
    """What tells of a part of the work, from share ``first`` to ``last``, to ``progress``."""
    return None if progress is None else lambda share: progress(first + share * (last - first))


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
