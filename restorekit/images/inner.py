"""Pictures within a picture: files of their own in the strips and tiles of a TIFF file, by what their heads claim."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import NamedTuple

from restorekit.images.jpeg import FRAMES, segments
from restorekit.images.jxl import BEGINNINGS, head_of
from restorekit.images.limits import check_scans

INNER = {
    **dict.fromkeys((6, 7, 33007), "JPEG"),
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG2000"),
    **dict.fromkeys((50001, 34927), "WEBP"),
    **dict.fromkeys((50002, 52546), "JXL"),
    34933: "PNG",
}
"""Their kind, by the compression that TIFF calls it."""

_SIZ = re.compile(rb"\xff\x51(..)..(.{4})(.{4})(.{4})(.{4}).{16}(..)", re.DOTALL)


class Claim(NamedTuple):
    """What a head says: sides in pixels, and channels."""

    width: int
    height: int
    channels: int = 4


def claim_of(name: str | Path, kind: str, data: bytes) -> Claim | None:
    """Read what the head of a picture claims; None if it has no head, so that no decoder takes it.

    Raises:
        ImageError: It is a JPEG that tells its picture over and over.
        Exception: Of any kind, where the head is damaged.
    """
    if kind == "JPEG":
        return _jpeg(name, data)
    if kind == "JPEG2000":
        return _jpeg2000(data)
    if kind == "WEBP":
        return _webp(data)
    if kind == "PNG":
        return Claim(*struct.unpack_from(">II", data, 16))
    if not data.startswith(BEGINNINGS[0]):
        raise ValueError("a part of it is no bare code stream of JPEG XL")
    head = head_of(data)
    return Claim(head.width, head.height, 3 + head.extra)


def _jpeg(name: str | Path, data: bytes) -> Claim | None:
    if not data.startswith(b"\xff\xd8"):
        return None
    frame = next((each for each in segments(data) if each.marker in FRAMES), None)
    if frame is None or len(frame.body) < 6:
        raise SyntaxError("a part of it has no picture")
    height, width, channels = struct.unpack_from(">HHB", frame.body, 1)
    if width and height:
        check_scans(name, data, width, height)
    return Claim(width, height, channels)


def _jpeg2000(data: bytes) -> Claim:
    claims = [
        Claim(right - left, bottom - top, channels)
        for length, right, bottom, left, top, channels in (
            map(lambda each: int.from_bytes(each, "big"), found.groups()) for found in _SIZ.finditer(data)
        )
        if length == 38 + 3 * channels  # else it is no head, but some bytes of the picture
    ]
    if not claims:
        raise SyntaxError("a part of it has no picture")
    return max(claims, key=lambda each: each.width * each.height * each.channels)


def _webp(data: bytes) -> Claim:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (each & 0x3FFF for each in struct.unpack_from("<HH", data, 26))
    return Claim(width, height)
