"""The file formats, and what each can hold beside 8-bit colours."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from restorekit.errors import ImageError


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        kind: Pillow's name for it.
        name: What people call it.
        suffixes: How its files end, in lower case.
        holds: What it keeps of a `Picture`: its fields, and ``16 bit``.
        options: How it is compressed where the source does not say; for Pillow's writer.
    """

    kind: str
    name: str
    suffixes: tuple[str, ...]
    holds: frozenset[str]
    options: dict[str, Any]


CODECS = "pip install 'restorekit[codecs]'"
"""How to get the library that knows rarer compressions."""

_PHOTO = ("icc", "exif", "xmp", "coding")
FORMATS = (
    Format("PNG", "PNG", (".png",), frozenset({"16 bit", "alpha", "dpi", "text", "iptc", *_PHOTO}), {}),
    Format(
        "JPEG",
        "JPEG",
        (".jpg", ".jpeg", ".jfif"),
        frozenset({"dpi", "iptc", "text", *_PHOTO}),
        {"quality": 95, "subsampling": 0},
    ),
    Format("WEBP", "WebP", (".webp",), frozenset({"alpha", *_PHOTO}), {"quality": 95, "exact": True}),
    Format("TIFF", "TIFF", (".tif", ".tiff"), frozenset({"16 bit", "alpha", "dpi", "iptc", *_PHOTO}), {}),
    Format("BMP", "BMP", (".bmp",), frozenset({"alpha", "dpi"}), {}),
    Format(
        "AVIF", "AVIF", (".avif",), frozenset({"alpha", *_PHOTO}), {"quality": 95, "subsampling": "4:4:4"}
    ),
    Format(
        "HEIF",
        "HEIC",
        (".heic", ".heif"),
        frozenset({"alpha", *_PHOTO}),
        # The preset takes a seventh of the time for a tenth more bytes, as alike to the picture.
        {"quality": 95, "chroma": 444, "enc_params": {"preset": "ultrafast"}},
    ),
    Format(
        "JXL",
        "JPEG XL",
        (".jxl",),
        frozenset({"alpha", *_PHOTO}) - {"coding"},
        # This effort takes a sixth of the usual one's time for the same bytes.
        {"quality": 95, "effort": 4},
    ),
)

SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)
"""The file name endings that can be read and written, in lower case."""

RAW_SUFFIXES = (
    ".3fr", ".arw", ".cr2", ".cr3", ".dng", ".erf", ".iiq", ".kdc", ".mrw", ".nef", ".nrw", ".orf", ".pef",
    ".raf", ".rw2", ".rwl", ".srw",
)  # fmt: skip
"""How the names of camera raw end, which is read alone, in lower case."""

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}


def format_of(path: Path) -> Format:
    """Tell the format by the ending of a name.

    Raises:
        ImageError: It is none of `SUFFIXES`.
    """
    try:
        return _BY_SUFFIX[path.suffix.lower()]
    except KeyError:
        raise ImageError(
            f"{path}: cannot write this kind of file", f"end the name in {', '.join(SUFFIXES)}"
        ) from None


def true_format(kind: str) -> Format:
    """Give the format that Pillow calls ``kind``."""
    return next(each for each in FORMATS if each.kind == kind)


def written_ending(path: Path) -> str:
    """Return how the name of what is made of a file ends: as its own, or for camera raw ``.tif``."""
    return ".tif" if path.suffix.lower() in RAW_SUFFIXES else path.suffix


def same_format(one: Path, other: Path) -> bool:
    """Whether two names end as those of files of one known format."""
    first, second = (_BY_SUFFIX.get(path.suffix.lower()) for path in (one, other))
    return first is not None and first is second


def missing_codec(kind: str, writing: bool = False) -> str | None:
    """Say what to install where this installation lacks a codec; None if it has it."""
    Image.init()
    with suppress(ImportError):
        if kind == "HEIF":
            from pillow_heif import register_heif_opener

            register_heif_opener()
        elif kind == "JXL":
            import pillow_jxl  # noqa: F401 (which registers itself)
    there = (
        Image.OPEN if kind == "HEIF" and not writing else Image.SAVE
    )  # Pillow opens what it lacks, to say so
    if kind in there:
        return None
    extra = {"HEIF": "heif", "JXL": "jxl"}.get(kind)
    return f"pip install 'restorekit[{extra}]'" if extra else "pip install --upgrade pillow"
