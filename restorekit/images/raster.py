"""From the bytes of a picture to its samples, at the depth that the file has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from restorekit.errors import ImageError
from restorekit.images.colours import cmyk_to_rgb
from restorekit.images.exif import orientation, upright
from restorekit.images.picture import Array

_DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N")
_WHITE_IS_ZERO = 0
_PNG_GREY_ALPHA = 4
_PNG_END = b"IEND\xaeB`\x82"
_CONVERTED = {
    "1": "black and white is written as grey",
    "P": "palette colours are written as full colours",
    "PA": "palette colours are written as full colours",
    "YCbCr": "YCbCr is converted to RGB",
    "LAB": "L*a*b* colours are converted to sRGB",
}


@dataclass(frozen=True)
class Raster:
    """What is decoded of a picture: H,W,C samples, uint8 or uint16 (C as in `Picture.samples`), and notes."""

    samples: Array
    notes: tuple[str, ...] = ()
    keeps_icc: bool = True


def rasterise(name: str | Path, data: bytes, image: ImageFile.ImageFile) -> Raster:
    """Decode a picture and turn it upright.

    Args:
        name: What to call it in an error.
        data: The whole file.
        image: The same, opened and not decoded.

    Raises:
        ImageError: It is of a kind that no codec here reads.
        Exception: Of any kind, where it is damaged.
    """
    bits = _bits(data, image)
    image.load()  # also where OpenCV gives the samples: it fails to see some damage
    if bits == 16 and image.mode in ("RGB", "RGBA", "RGBX", "RGBa", "LA"):
        raster = Raster(_deep_colours(name, data, image))
    else:
        raster = as_it_is(name, image)
        if bits > 8 and raster.samples.dtype == np.uint8:
            raster = replace(raster, notes=(f"{bits} bits per channel are reduced to 8", *raster.notes))
    return Raster(
        upright(raster.samples, orientation(image)),
        (*raster.notes, *first_of(getattr(image, "n_frames", 1))),
        raster.keeps_icc,
    )


def first_of(pictures: int) -> list[str]:
    """Say that a file of several pictures is read in part."""
    return [f"only the first of {pictures} pictures in the file is read"] if pictures > 1 else []


def _bits(data: bytes, image: ImageFile.ImageFile) -> int:
    """Tell the bits per channel of a file; Pillow's modes do not."""
    if image.format == "PNG":
        return data[24]
    if image.format == "TIFF":
        return int(max(np.atleast_1d(image.getexif().get(258, 1))))
    if image.format in ("AVIF", "HEIF"):
        start = data.find(b"pixi")  # the box of the bits per channel: 4 bytes of version, their number, each
        return data[start + 9] if 0 <= start < len(data) - 9 else 8
    return 8


def _deep_colours(name: str | Path, data: bytes, image: ImageFile.ImageFile) -> Array:
    """Decode colours of 16 bits by OpenCV, as Pillow reduces them to 8 without a word."""
    import cv2

    if image.format == "PNG" and _PNG_END not in data:
        raise EOFError("its end is missing")  # of which OpenCV has its own words, on stderr
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it tells of every odd tag
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    cv2.utils.logging.setLogLevel(level)
    if samples is None or samples.dtype != np.uint16 or samples.shape[:2] != image.size[::-1]:
        raise ImageError(f"{name}: this kind of 16-bit {image.format} cannot be read", "convert it first")
    if samples.ndim == 2:
        return samples[..., None]
    colours = samples[..., 2::-1]
    if image.mode in ("RGBA", "LA", "RGBa") and samples.shape[2] == 4:
        alpha = samples[..., 3:]
        if image.format == "TIFF" and image.getexif().get(338) == 1:
            colours = _unassociated(colours, alpha)
    elif (clear := image.info.get("transparency")) is not None:
        alpha = np.where((colours == np.array(clear)).all(axis=2, keepdims=True), 0, 65535).astype(np.uint16)
    else:
        return colours
    if image.format == "PNG" and data[25] == _PNG_GREY_ALPHA:
        colours = colours[..., :1]  # neither library has a deep mode for it
    return np.concatenate([colours, alpha], axis=2)


def _unassociated(colours: Array, alpha: Array) -> Array:
    """Undo the multiplication of colours by alpha."""
    divided = colours * (65535 / np.maximum(alpha, 1).astype(np.float32))
    return np.minimum(divided, 65535).round().astype(np.uint16)


def as_it_is(name: str | Path, image: Image.Image) -> Raster:
    """Take the samples of a picture that Pillow decodes as it is: 8 bits, or 16 of grey."""
    if image.mode in _DEEP_MODES:
        grey = np.asarray(image).astype(np.uint16)[..., None]
        if image.format == "TIFF" and image.getexif().get(262) == _WHITE_IS_ZERO:
            grey = 65535 - grey
        clear = image.info.get("transparency")
        if clear is None:
            return Raster(grey)
        return Raster(np.concatenate([grey, np.where(grey == clear, 0, 65535).astype(np.uint16)], axis=2))
    if image.mode == "CMYK":
        rgb, note = cmyk_to_rgb(image)
        return Raster(np.array(rgb), (note,), keeps_icc=False)
    notes = (_CONVERTED[image.mode],) if image.mode in _CONVERTED else ()
    colours = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    mode = colours + ("A" if image.has_transparency_data else "")
    try:
        samples = np.array(image if image.mode == mode else image.convert(mode))
    except ValueError:
        raise ImageError(f"{name}: {image.mode} colours cannot be read", "convert it to RGB first") from None
    return Raster(samples if samples.ndim == 3 else samples[..., None], notes, keeps_icc=image.mode != "LAB")
