"""The task ``plugin_name``: for a start, the fine detail of an image. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import restorekit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PluginName(restorekit.Task):
    """What is finer than a square: the image less its mean over the square about each pixel, in [-1, 1].

    The network sees the detail of the degraded image, and learns to tell that of the sharp one.

    Attributes:
        side: Side of the square, pixels; odd, at least 3.

    Raises:
        ValueError: If ``side`` is even or too small.
    """

    channels: ClassVar[int] = 3
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    side: int = 5

    def __post_init__(self) -> None:
        if self.side < 3 or self.side % 2 == 0:
            raise ValueError(f"side must be odd and at least 3, not {self.side}")

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """Map N,3,H,W in [0, 1] to N,3,H,W in [-1, 1]; at the border, the mean is over the part inside."""
        from torch.nn.functional import avg_pool2d

        mean = avg_pool2d(images, self.side, stride=1, padding=self.side // 2, count_include_pad=False)
        return images - mean
