"""The boxes of AVIF and HEIC files (ISO/IEC 14496-12 and 23008-12): what is said of the main picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from restorekit.images.coding import Cicp

_HDR = b"hdrgainmap"
_MANY = 10_000
"""Boxes of a box that are looked at."""


@dataclass
class Main:
    """The main picture of a file.

    Attributes:
        kind: Of its coding, four letters.
        bits: Per channel.
        cicp: What its numbers mean as colours, if it says so.
        clap: Width, height, and how far the middle is moved right and down, each as numerator and denominator.
        exif: The EXIF block, as it lies in the file.
        gain_map: Whether another picture says how bright this one is on a screen for it.
    """

    kind: bytes = b""
    bits: int = 8
    cicp: Cicp | None = None
    clap: tuple[int, ...] | None = None
    exif: bytes = b""
    gain_map: bool = False


def main_picture(data: bytes) -> Main:
    """Read what is said of the main picture; what is broken is left out."""
    main = Main()
    with suppress(struct.error, IndexError):
        _read(data, main)
    return main


def _read(data: bytes, main: Main) -> None:
    meta = next((span for kind, span in boxes_in(data, (0, len(data))) if kind == b"meta"), None)
    if meta is None:
        return
    found = dict(boxes_in(data, (meta[0] + 4, meta[1])))
    number = -1
    if b"pitm" in found:
        start = found[b"pitm"][0]
        number = struct.unpack_from(">I" if data[start] else ">H", data, start + 4)[0]
    items = _items(data, found[b"iinf"]) if b"iinf" in found else {}
    main.kind = items.get(number, b"")
    main.gain_map = b"tmap" in items.values()
    if b"iprp" in found:
        _properties(data, dict(boxes_in(data, found[b"iprp"])), number, main)
    block = next((item for item, kind in items.items() if kind == b"Exif"), None)
    if block is not None and b"iloc" in found:
        body = _body(data, found[b"iloc"][0], block)
        main.exif = body[4 + int.from_bytes(body[:4], "big") :]


def _items(data: bytes, span: tuple[int, int]) -> dict[int, bytes]:
    """Give the kind of each item by its number."""
    start, end = span
    items = {}
    for kind, (at, _) in boxes_in(data, (start + (8 if data[start] else 6), end)):
        if kind == b"infe" and data[at] >= 2:
            wide = 4 if data[at] == 3 else 2
            number = int.from_bytes(data[at + 4 : at + 4 + wide], "big")
            items[number] = data[at + 6 + wide : at + 10 + wide]
    return items


def _body(data: bytes, start: int, number: int) -> bytes:
    """Give what an item holds, where that lies in one piece in the file; else nothing."""
    version = data[start]
    sizes = data[start + 4] >> 4, data[start + 4] & 15, data[start + 5] >> 4
    index = data[start + 5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    place = start + 6

    def take(size: int) -> int:
        nonlocal place
        place += size
        return int.from_bytes(data[place - size : place], "big")

    offset_size, length_size, base_size = sizes
    for _ in range(min(take(wide), _MANY)):
        item = take(wide)
        method = take(2) & 15 if version else 0
        take(2)
        base, extents = take(base_size), take(2)
        if item != number:
            place += extents * (index + offset_size + length_size)
            continue
        if method or extents != 1:
            return b""
        take(index)
        begin = base + take(offset_size)
        return data[begin : begin + take(length_size)]
    return b""


def _properties(data: bytes, inside: dict[bytes, tuple[int, int]], number: int, main: Main) -> None:
    if b"ipco" not in inside or b"ipma" not in inside:
        return
    properties = list(boxes_in(data, inside[b"ipco"]))
    main.gain_map |= any(_HDR in data[slice(*span)] for kind, span in properties if kind == b"auxC")
    own = _associated(data, inside[b"ipma"][0], number)
    deep = [n for n, (kind, _) in enumerate(properties, 1) if kind == b"pixi"]
    for index in (*deep[:1], *own):  # of a picture in pieces, only the pieces may say how deep they are
        if 0 < index <= len(properties):
            kind, (start, end) = properties[index - 1]
            _property(data[start:end], kind, main)


def _property(body: bytes, kind: bytes, main: Main) -> None:
    if kind == b"pixi":
        main.bits = body[5]
    elif kind == b"colr" and body[:4] == b"nclx":
        primaries, transfer, matrix = struct.unpack_from(">HHH", body, 4)
        main.cicp = primaries, transfer, matrix, body[10] >> 7
    elif kind == b"clap":
        main.clap = struct.unpack_from(">IIIIiIiI", body)


def _associated(data: bytes, start: int, number: int) -> list[int]:
    """Give the properties of an item, counted from 1."""
    version, flags = data[start], data[start + 3]
    (items,) = struct.unpack_from(">I", data, start + 4)
    place = start + 8
    for _ in range(min(items, 65_536)):
        item = struct.unpack_from(">I" if version else ">H", data, place)[0]
        place += 4 if version else 2
        count, wide = data[place], 2 if flags & 1 else 1
        place += 1
        if item == number:
            mask = 0x7FFF if wide == 2 else 0x7F
            found = (data[at : at + wide] for at in range(place, place + count * wide, wide))
            return [int.from_bytes(each, "big") & mask for each in found]
        place += count * wide
    return []


def boxes_in(data: bytes, span: tuple[int, int]) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Give the boxes within a span, each by its kind and where its body lies."""
    place, end = span
    for _ in range(_MANY):
        if place + 8 > end:
            return
        (size,) = struct.unpack_from(">I", data, place)
        start = place + 8
        if size == 1:
            if start + 8 > end:
                return
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        following = place + size if size else end
        if following < start or following > end:
            return
        yield data[place + 4 : place + 8], (start, following)
        place = following


def recoded(data: bytes, cicp: Cicp) -> bytes:
    """Write primaries and transfer into the colour boxes of a file; the matrix stays that of its pixels."""
    changed, place = bytearray(data), 0
    while (place := data.find(b"colrnclx", place)) >= 0:
        struct.pack_into(">HH", changed, place + 8, cicp[0], cicp[1])
        place += 8
    return bytes(changed)
