"""EXIF blocks: which way up, told and reset, and those that TIFF files spread over their directory."""

from __future__ import annotations

import re
import struct

import numpy as np
from PIL import Image, ImageFile
from PIL.ExifTags import IFD

from restorekit.images.picture import Array

PREFIX = b"Exif\0\0"
ORIENTATION = 0x0112
_PIXEL_TAGS = {
    *range(254, 260), 262, 263, 266, 273, *range(277, 282), 284, *range(288, 294), 297, 301, 317,
    *range(320, 326), 330, 332, 333, 334, 336, *range(338, 344), 347, *range(512, 533), 700, 34675,
}  # fmt: skip
"""TIFF tags that say how its own pixels lie in the file, or that have a place of their own in a `Picture`."""


def orientation(image: ImageFile.ImageFile) -> int:
    """Tell how a decoded picture has to be turned, 1 to 8 as EXIF counts; 1 is upright.

    Pillow has already turned TIFF and HEIF.
    """
    if image.format in ("TIFF", "HEIF"):
        return 1
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a damaged block must not cost the picture
        return 1


def upright(samples: Array, turned: int) -> Array:
    """Turn H,W,C as the EXIF orientation ``turned`` says."""
    if turned in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if turned in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if turned in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)


def block(image: ImageFile.ImageFile) -> bytes | None:
    """Give the EXIF block of a decoded picture other than TIFF, with its orientation reset."""
    found: bytes | None = image.info.get("exif")
    if found is None and "Raw profile type exif" in image.info:  # how PNG held it before 2017
        found = image.getexif().tobytes()
    if not found:
        return None
    return PREFIX + _reset(found.removeprefix(PREFIX))


def from_directory(exif: Image.Exif) -> bytes | None:
    """Give what a TIFF directory says beside its pixels as an EXIF block; None if that is nothing."""
    for tag in _PIXEL_TAGS & set(exif):
        del exif[tag]
    exif.pop(ORIENTATION, None)
    for tag in (IFD.Exif, IFD.GPSInfo):
        exif.get_ifd(tag)  # read while the offsets are those of the file
    exif.bigtiff = False
    return exif.tobytes() if len(exif) else None


def reset_xmp(packet: bytes | None) -> bytes | None:
    """Set the orientation that an XMP packet repeats to upright."""
    return packet and re.sub(rb"(tiff:Orientation(?:=[\"']|>))[2-8]", rb"\g<1>1", packet)


def _reset(directory: bytes) -> bytes:
    """Set the orientation to upright in place, so that every other byte stays, those of makers' notes too."""
    order = "<" if directory[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", directory, 4)
        (entries,) = struct.unpack_from(order + "H", directory, start)
        for place in range(start + 2, start + 2 + 12 * entries, 12):
            if struct.unpack_from(order + "H", directory, place)[0] == ORIENTATION:
                value = struct.pack(order + "HIHH", 3, 1, 1, 0)
                return directory[: place + 2] + value + directory[place + 12 :]
    except struct.error:
        pass  # a damaged block is passed on as it is
    return directory
