"""Colours of other profiles to those of an ordinary screen, sRGB."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from restorekit.images.picture import Picture


def cmyk_to_rgb(image: Image.Image) -> tuple[Image.Image, str]:
    """Convert by the picture's own profile where it has a sound one.

    Args:
        image: A decoded picture of mode CMYK.

    Returns:
        sRGB colours, and what was done, in a sentence for the user.
    """
    icc = image.info.get("icc_profile")
    if not icc:
        return image.convert(
            "RGB"
        ), "CMYK is converted to RGB; it has no colour profile, so colours are a guess"
    try:
        source, target = ImageCms.ImageCmsProfile(BytesIO(icc)), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB"), "CMYK is converted to RGB without its colour profile, which is broken"
    assert converted is not None
    return converted, "CMYK is converted to sRGB by its colour profile"


def in_srgb(picture: Picture) -> tuple[Picture, list[str]]:
    """Convert a picture of 8 bits to sRGB by its profile, which is left out; for a format that has no room for it.

    Returns:
        The picture, its very colours where they mean the same in sRGB, and what was done, in sentences for the user.
    """
    assert picture.icc is not None
    bare = replace(picture, icc=None)
    samples = picture.pixels[..., 0] if picture.one_channel else picture.pixels
    try:
        source, target = ImageCms.ImageCmsProfile(BytesIO(picture.icc)), ImageCms.createProfile("sRGB")
        made = ImageCms.profileToProfile(Image.fromarray(samples), source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return bare, ["the colour profile is broken, and left out"]
    pixels = np.array(made)
    if np.abs(pixels.astype(np.int16) - picture.pixels).max() <= 1:
        return bare, []
    if picture.grey:
        pixels = np.repeat(pixels[..., :1], 3, axis=-1)
    return replace(bare, pixels=pixels), [
        "its colours are converted to sRGB, as JPEG XL is written without profiles"
    ]
