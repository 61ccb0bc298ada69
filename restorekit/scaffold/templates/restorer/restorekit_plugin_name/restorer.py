"""The restorer ``plugin_name``: for a start, unsharp masking. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import restorekit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PluginName(restorekit.Restorer):
    """Unsharp masking: the difference from the mean of a square is added again.

    Attributes:
        strength: How much of the difference; at least 0.

    Raises:
        ValueError: If ``strength`` is negative.
    """

    name = "plugin-name"
    footprint = restorekit.Footprint(margin=2, pixel_memory=200)

    strength: float = 0.5

    def __post_init__(self) -> None:
        if not self.strength >= 0:
            raise ValueError(f"strength must be at least 0, not {self.strength}")

    def restore(self, images: torch.Tensor) -> torch.Tensor:
        """Sharpen N,3,H,W in [0, 1]; not clamped."""
        from torch.nn.functional import avg_pool2d, pad

        mean = avg_pool2d(pad(images, (2, 2, 2, 2), mode="reflect"), 5, stride=1)
        return images + self.strength * (images - mean)
