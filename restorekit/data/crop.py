"""Which part of an image is trained on, and the border around it that degradations consume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from restorekit.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Crop = Literal["celeba", "center", "random"] | tuple[int, int, int, int]

CELEBA_SIZE = (218, 178)
"""Height and width of an aligned CelebA file, pixels."""

CELEBA = (25, 68, 128, 128)
"""The face of a 178 x 218 CelebA file: x 25:153, y 68:196 (the crop of the face-deblurring literature)."""


def crop_box(
    crop: Crop, size: int, margin: int, height: int, width: int, rng: np.random.Generator, name: str
) -> tuple[slice, slice]:
    """Return the rows and columns of a ``size`` x ``size`` crop widened by ``margin`` on every side.

    Args:
        crop: As a recipe's ``data.crop`` has it.
        size: Side of the crop, pixels.
        margin: Border around it, pixels.
        height: Height of the image, pixels.
        width: Its width.
        rng: Where a random crop draws its place.
        name: What to call the image in an error.

    Raises:
        DataError: The widened crop does not lie within the image.
    """
    side = size + 2 * margin
    if crop == "random" and side <= min(height, width):
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    elif isinstance(crop, str) and crop != "celeba":
        top, left = (height - side) // 2, (width - side) // 2
    else:
        if crop == "celeba" and (height, width) != CELEBA_SIZE:
            wanted = "the 178 x 218 of CelebA's alignment"
            raise DataError(
                f"{name} has {width} x {height} pixels, not {wanted}", "align it, or use another crop"
            )
        x, y, _, _ = CELEBA if crop == "celeba" else crop
        top, left = y - margin, x - margin
    if top < 0 or left < 0 or top + side > height or left + side > width:
        wanted = f"the {size} px crop and its margin of {margin} px"
        raise DataError(
            f"{name} ({width} x {height}) is too small for {wanted}", "use larger images or a smaller size"
        )
    return slice(top, top + side), slice(left, left + side)
