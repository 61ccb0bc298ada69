"""The crop ``plugin_name``: for a start, one of the corners. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Crop):
    """One of the four corners of the image.

    Attributes:
        inset: How far from both borders, pixels.

    Raises:
        ValueError: If ``inset`` is negative.
    """

    inset: int = 0

    def __post_init__(self) -> None:
        if self.inset < 0:
            raise ValueError(f"inset must be at least 0, not {self.inset}")

    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Draw a corner; return the top row and the left column of the square with its border."""
        side = size + 2 * margin
        below, right = rng.random(2) < 0.5
        top = height - side - self.inset if below else self.inset
        left = width - side - self.inset if right else self.inset
        return top, left
