"""The segments of JPEG files, read and put in without touching the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SOS, EOI, APP1, APP13, COMMENT = 0xDA, 0xD9, 0xE1, 0xED, 0xFE
SEGMENT = 65_533
"""Bytes that a segment may hold."""

_ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a body."""
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_MANY = 100_000
_FILLING = re.compile(rb"\xff+")
_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker that ends the data of a scan."""


class Segment(NamedTuple):
    """A marker and what stands behind it, without its length."""

    marker: int
    body: bytes
    place: int


def segments(data: bytes, heads_only: bool = True) -> Iterator[Segment]:
    """Give the segments of the first picture of a file, in their order.

    Args:
        data: The whole file.
        heads_only: Stop at the first scan, where the picture begins; else the scans are given too, without data.

    Raises:
        ValueError: There are more than any program writes.
    """
    place = 2
    for _ in range(_MANY):
        if place >= len(data) - 1 or data[place] != 0xFF:
            return
        place = _FILLING.match(data, place).end() - 1  # type: ignore[union-attr]
        marker = data[place + 1] if place + 1 < len(data) else EOI
        if marker in _ALONE:
            place += 2
            continue
        if marker == EOI:
            yield Segment(EOI, b"", place)
            return
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == SOS and heads_only:
            return
        yield Segment(marker, b"" if marker == SOS else data[place + 4 : end], place)
        place = end
        if marker == SOS:
            found = _NEXT.search(data, end)
            if found is None:
                return
            place = found.start()
    raise ValueError("it has too many segments")


def scans(data: bytes, most: int) -> int:
    """Count the scans of the first picture, up to one more than ``most``; few of them may be counted as none."""
    if data.count(b"\xff\xda") <= most:  # quick, and counts those of thumbnails too
        return 0
    found = 0
    for segment in segments(data, heads_only=False):
        found += segment.marker == SOS
        if found > most:
            break
    return found


def put_in(data: bytes, more: Sequence[tuple[int, bytes]]) -> bytes:
    """Put segments behind those that begin a file (its start, JFIF, EXIF and the like)."""
    place = 2
    for segment in segments(data):
        if not 0xE0 <= segment.marker <= 0xEF:
            break
        place = segment.place + 4 + len(segment.body)
    return b"".join(
        [
            data[:place],
            *(bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body for marker, body in more),
            data[place:],
        ]
    )
