"""The small picture in an EXIF block, which many programs show instead of the photo."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image

from restorekit.images.jpeg import scans

_PLACE, _LENGTH = 513, 514
_WHOLE = {3: "H", 4: "I"}
"""Types of integers that TIFF has for lengths and places."""

_LARGEST, _SCANS = 1024, 32
"""Sides, and scans of its picture, up to which it is one."""

_QUALITIES = (95, 90, 80, 70)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation as EXIF counts."""


def turn_thumbnail(tiff: bytearray, order: str, first: int, turned: int) -> bool:
    """Turn the JPEG of a TIFF structure's second directory in its place.

    Args:
        tiff: Changed in place, and only within that JPEG and the number of its bytes.
        order: ``<`` or ``>``, the order of its bytes.
        first: Where the directory lies.
        turned: The orientation, 2 to 8.

    Returns:
        Whether there is one, and it could be turned and has room where it was.
    """
    try:
        rows = {tag: at for tag, at in _rows(tiff, order, first)}
        place, length = (_number(tiff, order, rows[tag]) for tag in (_PLACE, _LENGTH))
        data = bytes(tiff[place : place + length])
        if len(data) < length or scans(data, _SCANS) > _SCANS:
            return False
        image = Image.open(BytesIO(data), formats=["JPEG"])
        if max(image.size) > _LARGEST:
            return False
        made = _encoded(image.transpose(_TURNS[turned]), length)
        if made is None:
            return False
        tiff[place : place + length] = made.ljust(length, bytes(1))
        kind = _WHOLE[struct.unpack_from(order + "H", tiff, rows[_LENGTH] + 2)[0]]
        struct.pack_into(order + kind, tiff, rows[_LENGTH] + 8, len(made))
    except (KeyError, struct.error, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def _rows(tiff: bytearray, order: str, first: int) -> list[tuple[int, int]]:
    """Return the tag and the place of each row of a directory."""
    (count,) = struct.unpack_from(order + "H", tiff, first)
    places = [first + 2 + 12 * row for row in range(count)]
    return [(struct.unpack_from(order + "H", tiff, place)[0], place) for place in places]


def _number(tiff: bytearray, order: str, row: int) -> int:
    kind, count = struct.unpack_from(order + "HI", tiff, row + 2)
    if count != 1:
        raise ValueError("not one number")
    number: int = struct.unpack_from(order + _WHOLE[kind], tiff, row + 8)[0]
    return number


def _encoded(image: Image.Image, room: int) -> bytes | None:
    for quality in _QUALITIES:
        stream = BytesIO()
        image.save(stream, "JPEG", quality=quality)
        if stream.tell() <= room:
            return stream.getvalue()
    return None
