"""Look into the bytes of a picture: its kind and size, before anything is decoded."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile

from restorekit.errors import ImageError
from restorekit.images.formats import FORMATS, missing_codec

MAX_PIXELS = 180_000_000
"""A picture of more pixels is refused unless allowed: a file of a few bytes may claim any size."""

AGAIN = "copy it again from where it came from"
_NAMES = ", ".join(each.name for each in FORMATS[:-1]) + f" or {FORMATS[-1].name}"
_EASY = tuple(each.kind for each in FORMATS if each.kind not in ("AVIF", "HEIF"))


def open_image(name: str | Path, data: bytes, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header of a picture.

    Pillow's factories are called here, not its ``open``, as that has a limit of its own for the whole process.

    Args:
        name: What to call it in an error.
        data: The whole file.
        max_pixels: The largest width times height that is let pass.

    Returns:
        A picture that is not decoded yet.

    Raises:
        ImageError: It is no picture, its header is damaged, its codec is missing, or it has too many pixels.
    """
    box = data[4:8] == b"ftyp"
    missing = None
    for kind in ("HEIF", "AVIF") if box else _EASY:
        hint = missing_codec(kind)
        if hint:
            missing = missing or hint
            continue
        factory, accept = Image.OPEN[kind]
        if accept is not None and accept(data[:16]) is not True:
            continue
        try:
            image = factory(BytesIO(data), "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue  # how Pillow's readers say that it is not theirs
        except Exception as error:
            raise damaged(name, error) from None
        check_size(name, *image.size, max_pixels)
        return image
    if box and missing:
        raise ImageError(f"{name}: this kind of picture needs another package", missing)
    raise ImageError(f"{name}: is not a {_NAMES} picture", "convert it first")


def check_size(name: str | Path, width: int, height: int, max_pixels: int) -> None:
    """Refuse a picture of too many pixels.

    Raises:
        ImageError: It has more than ``max_pixels``.
    """
    if width * height > max_pixels:
        needed = -(-width * height // 1_000_000)
        raise ImageError(
            f"{name}: {width} x {height} are {needed} megapixels, more than the {max_pixels / 1e6:g} allowed",
            f"shrink it first; deblur takes it with --max-pixels {needed}",
        )


def damaged(name: str | Path, error: Exception) -> ImageError:
    """Say that a decoder failed."""
    if isinstance(error, MemoryError):
        return ImageError(f"{name}: is too large for the memory", "shrink it first")
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{name}: is truncated or damaged ({reason})", AGAIN)
