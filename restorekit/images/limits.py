"""What a picture may take of memory and time, by its head alone."""

from __future__ import annotations

from pathlib import Path

from restorekit.errors import ImageError
from restorekit.images.jpeg import scans

MAX_PIXELS = 180_000_000
"""A picture of more pixels is refused unless allowed: a file of a few bytes may claim any size."""

_BYTES_A_PIXEL = 32
"""Of four channels of 64 bits; more channels are let pass where the picture is small."""
_SMALL = 2**29
_TAGS, _PARTS = 2**28, 10**6
_SCANS, _SCANNED = 32, 2**31
"""Scans of a JPEG, each of which goes through all pixels; more are let pass where the picture is small."""


def check_size(name: str | Path, width: int, height: int, max_pixels: int) -> None:
    """Refuse a picture of too many pixels.

    Raises:
        ImageError: It has more than ``max_pixels``.
    """
    if width * height > max_pixels:
        needed = -(-width * height // 1_000_000)
        raise ImageError(
            f"{name}: {width} x {height} are {needed} megapixels, more than the {max_pixels / 1e6:g} allowed",
            f"shrink it first; restoring takes it with max_pixels={needed}",
        )


def check_bytes(name: str | Path, width: int, height: int, channels: int, bits: int) -> None:
    """Refuse a picture that would unfold to far more than colours and transparency take.

    Raises:
        ImageError: It has more than 32 bytes a pixel, and 512 MiB in all.
    """
    unfolded = width * height * channels * bits // 8
    if unfolded > max(_BYTES_A_PIXEL * width * height, _SMALL):
        raise ImageError(
            f"{name}: {channels} channels of {bits} bits take {unfolded / 2**30:.1f} GiB",
            "write its first three channels to a file of their own",
        )


def check_tags(name: str | Path, claimed: int) -> None:
    """Refuse a TIFF file whose tags alone would take much memory.

    Raises:
        ImageError: They are said to have more than 256 MiB.
    """
    if claimed > _TAGS:
        raise ImageError(
            f"{name}: its tags have {claimed / 2**30:.1f} GiB", "save it again with another program"
        )


def check_parts(name: str | Path, parts: int) -> None:
    """Refuse a TIFF file in so many strips or tiles that going through them takes longer than their pixels.

    Raises:
        ImageError: There are more than a million.
    """
    if parts > _PARTS:
        raise ImageError(f"{name}: is cut into {parts} parts", "save it again in larger strips or tiles")


def check_scans(name: str | Path, data: bytes, width: int, height: int) -> None:
    """Refuse a JPEG that tells its picture over and over.

    Raises:
        ImageError: It has more than 32 scans, and scans times pixels are more than 2**31.
    """
    most = max(_SCANS, _SCANNED // (width * height))
    if scans(data, most) > most:
        raise ImageError(
            f"{name}: has more than {most} scans of {width} x {height} pixels",
            "save it again with another program",
        )
