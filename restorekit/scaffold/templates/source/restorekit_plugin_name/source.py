"""The source ``plugin_name``: for a start, pictures of discs. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Source):
    """Discs of random colours, each picture another number of them.

    A source of files raises ``restorekit.ImageError`` for one that cannot be read: another takes its place.

    Attributes:
        pictures: How many there are.
        side: Height and width of each, pixels.

    Raises:
        ValueError: If one of them is less than 1.
    """

    pictures: int = 8
    side: int = 96

    def __post_init__(self) -> None:
        if min(self.pictures, self.side) < 1:
            raise ValueError(f"pictures and side must be at least 1, not {self.pictures} and {self.side}")

    def __len__(self) -> int:
        return self.pictures

    def __getitem__(self, index: int) -> restorekit.Item:
        rng = np.random.default_rng(index)
        rows, columns = np.ogrid[: self.side, : self.side]
        picture = np.full((self.side, self.side, 3), rng.integers(0, 256, 3), np.uint8)
        for _ in range(4 + index):
            y, x = rng.integers(0, self.side, 2)
            radius = rng.integers(2, max(self.side // 4, 3))
            picture[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = rng.integers(0, 256, 3)
        return restorekit.Item(sharp=picture, id=f"discs-{index}")
