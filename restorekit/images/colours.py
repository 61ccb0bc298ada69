"""Colours of print to colours of a screen."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms


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
