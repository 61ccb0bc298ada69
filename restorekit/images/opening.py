"""Tell the kind of a picture by how it begins, before more of it is read."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile

from restorekit.errors import ImageError
from restorekit.images.files import AGAIN
from restorekit.images.formats import FORMATS, RAW_SUFFIXES, missing_codec
from restorekit.images.jxl import BEGINNINGS
from restorekit.images.limits import check_size

HEAD = 32
"""Bytes that tell the kind."""

_NAMES = ", ".join(each.name for each in FORMATS[:-1]) + f" or {FORMATS[-1].name}"
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    **dict.fromkeys(BEGINNINGS, "JXL"),
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF"),
}
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), ("AVIF",)),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), ("HEIF",)),
    **dict.fromkeys((b"mif1", b"msf1", b"mif2", b"unif"), ("HEIF", "AVIF")),
}
"""By the brand that a file in boxes begins with; a film has another."""


def kinds_of(name: str | Path, head: bytes) -> tuple[str, ...]:
    """Tell by the first bytes of a file what it may be, by Pillow's names: one kind, or two to be tried.

    Camera raw, ``RAW``, is known by its name, as much of it begins as TIFF does.

    Raises:
        ImageError: It is no picture of a known format.
    """
    raw = Path(name).suffix.lower() in RAW_SUFFIXES
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return ("RAW",) if raw and kind == "TIFF" else (kind,)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ("WEBP",)
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return _BRANDS[head[8:12]]
    if raw:
        return ("RAW",)
    raise ImageError(f"{name}: is not a {_NAMES} picture", "convert it first")


def open_image(name: str | Path, data: bytes, kinds: tuple[str, ...], max_pixels: int) -> ImageFile.ImageFile:
    """Read the header of a picture by Pillow.

    Its factories are called here, not its ``open``, as that has a limit of its own for the whole process.

    Args:
        name: What to call it in an error.
        data: The whole file.
        kinds: What it may be.
        max_pixels: The largest width times height that is let pass.

    Returns:
        A picture that is not decoded yet.

    Raises:
        ImageError: Its codec is missing, or it has too many pixels.
        Exception: Of any kind, where the header is damaged.
    """
    missing = None
    for kind in kinds:
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
    raise SyntaxError("its header is broken")


def damaged(name: str | Path, error: Exception) -> ImageError:
    """Say that a decoder failed."""
    if isinstance(error, MemoryError):
        return ImageError(f"{name}: is too large for the memory", "shrink it first")
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{name}: is truncated or damaged ({reason})", AGAIN)
