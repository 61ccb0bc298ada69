"""Which part of a picture is scored, and the border around it that degradations consume."""

from __future__ import annotations

from typing import Literal

import numpy as np

from restorekit.data.crop import Box, crop_box
from restorekit.errors import ImageError
from restorekit.recipe.component import make_component

Crop = Literal["celeba", "center", "whole"] | tuple[int, int, int, int]

LEAST = 32
"""Pixels that a crop has at least on a side: the metrics look through windows."""


def scored_box(
    crop: Crop, size: int | None, margin: int, height: int, width: int, name: str
) -> tuple[slice, slice]:
    """Return the rows and columns that are scored, widened by ``margin`` on every side.

    Args:
        crop: As a test set's recipe has it.
        size: Side of the crop without its margin, pixels; None for the largest that fits.
        margin: Border around it, pixels.
        height: Height of the picture, pixels.
        width: Its width.
        name: What to call the picture in an error.

    Raises:
        DataError: The widened crop does not lie within the picture.
        ImageError: The crop is smaller than `LEAST`.
    """
    if crop == "whole":
        rows, columns = slice(0, height), slice(0, width)
    else:
        made = make_component("crop", crop, {}) if isinstance(crop, str) else Box(crop)
        side = size or made.side or min(height, width) - 2 * margin
        rows, columns = crop_box(made, side, margin, height, width, np.random.default_rng(0), name)
    if min(rows.stop - rows.start, columns.stop - columns.start) < LEAST + 2 * margin:
        raise ImageError(
            f"{name}: {width} x {height} pixels hold no crop of {LEAST} x {LEAST} with {margin} pixels around it",
            "use larger pictures, or degradations with a smaller margin",
        )
    return rows, columns
