"""Which part of an image is trained on, and the border around it that degradations consume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.contracts import Crop
from restorekit.errors import DataError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Random(Crop):
    """A random place in the image, all equally likely."""

    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Draw a place; an image that is too small has none, and the middle is returned."""
        side = size + 2 * margin
        if side > min(height, width):
            return Center().place(rng, height, width, size, margin)
        return int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))


@dataclass(frozen=True)
class Center(Crop):
    """The middle of the image."""

    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Return the middle."""
        side = size + 2 * margin
        return (height - side) // 2, (width - side) // 2


@dataclass(frozen=True)
class Box(Crop):
    """The same place in every image; ``crop = [x, y, width, height]`` for short.

    Attributes:
        box: Left column, top row, width and height, pixels; width and height are equal.
    """

    box: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        x, y, width, height = self.box
        if x < 0 or y < 0 or width < 1 or width != height:
            raise ValueError(
                f"the crop is [x, y, width, height] of a square in the image, not {list(self.box)}"
            )

    @property
    def side(self) -> int:
        """The width."""
        return self.box[2]

    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Return the box."""
        x, y, _, _ = self.box
        return y - margin, x - margin


def crop_box(
    crop: Crop, size: int, margin: int, height: int, width: int, rng: np.random.Generator, name: str
) -> tuple[slice, slice]:
    """Return the rows and columns of a ``size`` x ``size`` crop widened by ``margin`` on every side.

    Args:
        crop: Where it lies.
        size: Side of the crop, pixels.
        margin: Border around it, pixels.
        height: Height of the image, pixels.
        width: Its width.
        rng: Where a random crop draws its place.
        name: What to call the image in an error.

    Raises:
        DataError: The widened crop does not lie within the image, or the image is not one for this crop.
    """
    try:
        top, left = crop.place(rng, height, width, size, margin)
    except DataError as error:
        raise DataError(f"{name}: {error.message}", error.hint) from None
    side = size + 2 * margin
    if top < 0 or left < 0 or top + side > height or left + side > width:
        wanted = f"the {size} px crop and its margin of {margin} px"
        raise DataError(
            f"{name} ({width} x {height}) is too small for {wanted}", "use larger images or a smaller size"
        )
    return slice(top, top + side), slice(left, left + side)
