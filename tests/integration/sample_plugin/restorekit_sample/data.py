"""What is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorekit import Augmentation, ImageError, Item, Source


@dataclass(frozen=True)
class Stripes(Source):
    """Pictures of stripes; every fourth cannot be read.

    Attributes:
        pictures: How many.
    """

    pictures: int = 6

    def __len__(self):
        return self.pictures

    def __getitem__(self, index):
        if index % 4 == 3:
            raise ImageError(f"stripes-{index} is torn", "leave it out")
        rng = np.random.default_rng(index)
        rows = rng.integers(0, 256, (10, 1, 3)).repeat(8, axis=0).repeat(80, axis=1)
        return Item(rows.astype(np.uint8), id=f"stripes-{index}")


@dataclass(frozen=True)
class Dim(Augmentation):
    """Less light.

    Attributes:
        least: The least share of the light that is left.
    """

    least: float = 0.5

    def __call__(self, images, seed):
        """Dim all images alike."""
        share = np.random.default_rng(seed).uniform(self.least, 1)
        return {name: (image * share).astype(np.uint8) for name, image in images.items()}
