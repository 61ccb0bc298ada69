"""Read PNG, JPEG and WebP files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from restorekit.errors import ImageError
from restorekit.images.picture import Array, Picture

SIDE_MIN = 16
"""Below this a picture has nothing to restore, and reflection cannot widen it."""

_DEEP_MODES = ("I", "I;16")
_GREY_MODES = ("1", "L", "LA", *_DEEP_MODES)
_CONVERTED = {
    "1": "black and white is written as grey",
    "P": "palette colours are written as full colours",
    "CMYK": "CMYK is converted to RGB, its colour profile dropped",
}
_EXIF_PREFIX = b"Exif\0\0"


def read(path: str | Path) -> Picture:
    """Read a picture with its transparency and metadata, turned upright as its EXIF orientation says.

    Args:
        path: A PNG, JPEG or WebP file.

    Returns:
        The picture, at 8 bits per channel; its ``notes`` say what that changed.

    Raises:
        ImageError: The file is missing, unreadable, no picture, damaged, or has a side below 16 pixels.
    """
    data = _read_bytes(path)
    image, notes = _decode(path, data), []
    if min(image.size) < SIDE_MIN:
        raise ImageError(
            f"{path}: {image.width} x {image.height} pixels", f"each side must have at least {SIDE_MIN}"
        )
    if _is_16_bit(data):
        notes.append("16 bits per channel are reduced to 8")
    if image.mode in _CONVERTED:
        notes.append(_CONVERTED[image.mode])
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"only the first of {frames} frames is read")
    exif = image.info.get("exif")
    if exif and not exif.startswith(_EXIF_PREFIX):
        exif = _EXIF_PREFIX + exif
    return Picture(
        pixels=_rgb(image),
        alpha=_alpha(image),
        grey=image.mode in _GREY_MODES,
        icc=image.info.get("icc_profile") if image.mode != "CMYK" else None,
        exif=exif,
        dpi=image.info.get("dpi"),
        notes=tuple(notes),
        name=str(path),
    )


def read_rgb(path: str | Path) -> Array:
    """Read only the colours of a picture of any size, turned upright.

    Args:
        path: A PNG, JPEG or WebP file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: The file is missing, unreadable, no picture or damaged.
    """
    return decode_rgb(path, _read_bytes(path))


def decode_rgb(name: str | Path, data: bytes) -> Array:
    """Decode only the colours of a picture of any size, turned upright.

    Args:
        name: What to call it in an error.
        data: A PNG, JPEG or WebP file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: It is no picture, or damaged.
    """
    return _rgb(_decode(name, data))


def _read_bytes(path: str | Path) -> bytes:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file", "check the path") from None
    except IsADirectoryError:
        raise ImageError(f"{path}: is a folder", "name a picture in it") from None
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None
    if not data:
        raise ImageError(f"{path}: is empty (0 bytes)", "copy it again from where it came from")
    return data


def _decode(path: str | Path, data: bytes) -> Image.Image:
    """Decode the first frame completely and turn it upright."""
    try:
        image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
    except UnidentifiedImageError:
        raise ImageError(f"{path}: is not a PNG, JPEG or WebP picture", "convert it first") from None
    except Image.DecompressionBombError:
        raise ImageError(f"{path}: has too many pixels to decode safely", "shrink it first") from None
    except Exception as error:  # decoders raise many kinds on damaged bytes
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(
            f"{path}: is truncated or damaged ({reason})", "copy it again from where it came from"
        ) from None
    return image


def _rgb(image: Image.Image) -> Array:
    if image.mode in _DEEP_MODES:  # Pillow would clip these to 255 instead of scaling them
        grey = ((np.asarray(image).astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _alpha(image: Image.Image) -> Array | None:
    if not image.has_transparency_data:
        return None
    if image.mode in _DEEP_MODES:
        return np.where(np.asarray(image) == image.info["transparency"], 0, 255).astype(np.uint8)
    return np.array(image.convert("RGBA").getchannel("A"))


def _is_16_bit(data: bytes) -> bool:
    """Tell by the PNG header; Pillow reduces 16-bit colour to 8 without a word."""
    return data.startswith(b"\x89PNG") and data[24] == 16
