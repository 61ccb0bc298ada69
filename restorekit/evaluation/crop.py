"""Which part of a picture is scored, and the border around it that degradations consume."""

from __future__ import annotations

import numpy as np

from restorekit.contracts import Crop
from restorekit.data.crop import crop_box
from restorekit.errors import ImageError

LEAST = 32
"""Pixels that a crop has at least on a side: the metrics look through windows."""


def scored_box(
    crop: Crop | None, size: int | None, margin: int, scale: int, height: int, width: int, name: str
) -> tuple[slice, slice]:
    """Return the rows and columns that are scored, widened by ``margin`` on every side.

    Args:
        crop: Where the square lies; None for the whole picture.
        size: Side of the crop without its margin, pixels; None for the largest that fits.
        margin: Border around it, pixels.
        scale: The sides of what is scored are multiples of this.
        height: Height of the picture, pixels.
        width: Its width.
        name: What to call the picture in an error.

    Raises:
        DataError: The widened crop does not lie within the picture.
        ImageError: The crop is smaller than `LEAST`.
    """
    if crop is None:
        kept = [side - (side - 2 * margin) % scale for side in (height, width)]
        rows, columns = slice(0, kept[0]), slice(0, kept[1])
    else:
        largest = min(height, width) - 2 * margin
        side = size or crop.side or largest - largest % scale
        if side % scale:
            raise ImageError(f"a crop of {side} pixels is not a multiple of {scale}", "give it another size")
        rows, columns = crop_box(crop, side, margin, height, width, np.random.default_rng(0), name)
    if min(rows.stop - rows.start, columns.stop - columns.start) < LEAST + 2 * margin:
        raise ImageError(
            f"{name}: {width} x {height} pixels hold no crop of {LEAST} x {LEAST} with {margin} pixels around it",
            "use larger pictures, or degradations with a smaller margin",
        )
    return rows, columns
