"""The task that every recipe has: the image itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.contracts import Task

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class ImageTask(Task):
    """The image as it is: N,3,H,W in [0, 1]."""

    def encode(self, images: Tensor, **draw: Tensor) -> Tensor:
        """Return the images unchanged."""
        return images
