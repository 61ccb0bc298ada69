"""CelebA's alignment, and the crop of it that networks are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from restorekit import Crop, DataError

if TYPE_CHECKING:
    import numpy as np

CELEBA_SIZE = (218, 178)
"""Height and width of an aligned CelebA file, pixels."""

CELEBA = (25, 68, 128, 128)
"""The face of a 178 x 218 CelebA file: x 25:153, y 68:196 (the crop of the face-deblurring literature)."""

EYES = {"left_eye": (70, 113), "right_eye": (107, 113)}
"""x and y of the nominal eyes in such a file, the left of the picture first."""


@dataclass(frozen=True)
class CelebACrop(Crop):
    """The face of a picture in CelebA's alignment, 178 x 218: x 25:153, y 68:196 (the face-deblurring literature's).

    Attributes:
        others: The crop of images of another size, a table of its own with a type; without it they are refused.
    """

    others: Crop | None = None

    @property
    def side(self) -> int | None:
        """128 pixels; any where there are others."""
        return CELEBA[2] if self.others is None else None

    @property
    def geometry(self) -> Mapping[str, Any]:
        """The eyes, which CelebA's alignment puts near (70, 113) and (107, 113)."""
        return {name: [x - CELEBA[0], y - CELEBA[1]] for name, (x, y) in EYES.items()}

    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Return the face's place; one of another size than 128 pixels has the same middle.

        Raises:
            DataError: The image has another size than CelebA's, and there is no crop of others.
        """
        if (height, width) != CELEBA_SIZE and self.others is not None:
            return self.others.place(rng, height, width, size, margin)
        if (height, width) != CELEBA_SIZE:
            wanted = "the 178 x 218 of CelebA's alignment"
            raise DataError(f"{width} x {height} pixels, not {wanted}", "align it, or use another crop")
        x, y, side, _ = CELEBA
        inner = (side - size) // 2 - margin
        return y + inner, x + inner
