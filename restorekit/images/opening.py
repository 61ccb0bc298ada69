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

TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How TIFF and BigTIFF begin, of either byte order."""

AGAIN = "copy it again from where it came from"
_NAMES = ", ".join(each.name for each in FORMATS[:-1]) + f" or {FORMATS[-1].name}"
_KINDS = {
    **dict.fromkeys((b"avif", b"avis"), ("AVIF",)),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), ("HEIF",)),
    **dict.fromkeys((b"mif1", b"msf1"), ("HEIF", "AVIF")),
}
"""By the brand that a file in boxes begins with; a film has another."""
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
        ImageError: It is no picture, its codec is missing, or it has too many pixels.
        Exception: Of any kind, where the header is damaged.
    """
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    missing = None
    for kind in _KINDS.get(brand, _EASY):
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
        check_size(name, *image.size, max_pixels)
        return image
    if missing:
        raise ImageError(f"{name}: this kind of picture needs another package", missing)
    if brand in _KINDS:
        raise damaged(name, SyntaxError("its header is broken"))
    if data[:4] in TIFF:
        raise ImageError(f"{name}: this kind of TIFF cannot be read", "convert it to 16-bit RGB first")
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
