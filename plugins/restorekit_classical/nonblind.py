"""What the methods with a known kernel share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import RestorekitError

from .base import Deblurred, Method, Progress, doubt, image_of, part, planes_of, through_arrays
from .kernel_file import check_fits, checked_kernel, read_kernel

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


LARGE = 2**21
"""Pixels above which a picture's channels are restored one by one."""


@dataclass(frozen=True)
class NonBlind(Method):
    """A method that takes the kernel.

    Attributes:
        kernel: The kernel's file, a picture or ``.npy``: the blurred picture is the sharp one convolved with it.
    """

    kernel: Path | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The kernel of a test set, where no file is named."""
        return () if self.kernel else ("kernel",)

    def restore(self, images: Tensor, kernel: Tensor | None = None) -> Tensor:
        """Restore N,3,H,W with the kernels N,h,w of a test set, or with the file's, to the same."""
        if kernel is None:
            return super().restore(images)
        known = kernel.detach().cpu().numpy()
        return through_arrays(lambda arrays: np.stack(list(map(self._by, arrays, known))), images)

    def _by(self, image: Array, kernel: Array) -> Array:
        return self.told(image, self.deblur(image, kernel))

    def deblur(
        self, image: Array, kernel: Array | None = None, progress: Progress | None = None
    ) -> Deblurred:
        """Restore a picture.

        Args:
            image: H,W,3 or H,W, float in [0, 1].
            kernel: h,w, not negative; None takes the file.
            progress: Told how far it is.

        Raises:
            RestorekitError: There is no kernel, it is none, or it is larger than the picture.
        """
        known = self._known() if kernel is None else checked_kernel(np.asarray(kernel))
        check_fits(known, image)
        planes = planes_of(image)
        restored = self.solve_all(planes, known, progress)
        why = doubt(restored, planes)
        if why:
            return Deblurred(np.asarray(image, np.float32), known, why)
        return Deblurred(image_of(restored, image.shape), known)

    def solve_all(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 as ``solve`` does, those of a large picture one by one to save memory."""
        count = len(planes)
        if count == 1 or planes[0].size <= LARGE:
            return self.solve(planes, kernel, progress)
        parts = [part(progress, n / count, (n + 1) / count) for n in range(count)]
        return np.concatenate([self.solve(planes[n : n + 1], kernel, parts[n]) for n in range(count)])

    @abstractmethod
    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""

    def _known(self) -> Array:
        if self.kernel is None:
            raise RestorekitError(f"{self.name} needs the kernel of the blur", "name its file, as kernel")
        return _read(self.kernel)


@lru_cache(maxsize=4)
def _read(path: Path) -> Array:
    return read_kernel(path)
