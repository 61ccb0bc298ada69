"""Pictures of Pillow that are in memory, to our own and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.picture import Picture, all_grey
from restorekit.images.raster import as_it_is

_NAME = "Pillow's picture"


def is_pillow(image: Any) -> bool:
    """Whether it is a picture of Pillow."""
    return isinstance(image, Image.Image)


def from_pillow(image: Image.Image) -> Picture:
    """Take the pixels of a picture of any size and of any mode that files are read in.

    An orientation that its EXIF states is left as it is, and to be applied when it is shown.

    Raises:
        ImageError: It has no pixels or is of a mode that cannot be read, or its grey values are not of 16 bits.
    """
    if image.mode == "F" or not all(image.size):
        raise ImageError(
            f"{_NAME} of mode {image.mode}, {image.size}: cannot be read", "convert it to RGB first"
        )
    if image.mode == "I":
        values = np.asarray(image)
        low, high = values.min(), values.max()
        if low < 0 or high > 65535:
            raise ImageError(
                f"{_NAME} of mode I: has values from {low} to {high}", "scale it to 16 bits first"
            )
    samples = as_it_is(_NAME, image).samples
    channels = samples.shape[2]
    colours = samples[..., :3] if channels > 2 else np.repeat(samples[..., :1], 3, axis=2)
    alpha = samples[..., -1] if channels in (2, 4) else None
    return Picture(
        pixels=colours, alpha=alpha, grey=channels <= 2 or all_grey(colours), full=channels > 2, name=_NAME
    )


def to_pillow(picture: Picture, like: Image.Image) -> Image.Image:
    """Make a picture of Pillow, with what ``like`` states of itself (profile, EXIF, resolution).

    Args:
        picture: 16 bits only where grey; Pillow has no mode for grey of 16 bits with alpha, which is left out.
        like: What it was made of.

    Returns:
        The mode of ``like`` where that is L, LA, RGB, RGBA, I or I;16; else L, LA, RGB or RGBA.
    """
    deep = picture.pixels.dtype == np.uint16
    samples = picture.samples[..., :1] if deep else picture.samples
    image = Image.fromarray(np.ascontiguousarray(samples[..., 0] if samples.shape[2] == 1 else samples))
    if like.mode == "I":
        image = image.convert("I")
    left_behind = {"transparency"} | ({"icc_profile"} if like.mode in ("CMYK", "LAB") else set())
    image.info = {key: value for key, value in like.info.items() if key not in left_behind}
    return image
