"""Directories of TIFF files and EXIF blocks, whose values stay the bytes that they are.

The layout is that of TIFF 6.0 and BigTIFF; an EXIF block is a TIFF file without a picture.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import BinaryIO, Literal, NamedTuple

import numpy as np

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, IFD = 1, 2, 3, 4, 5, 7, 13
EXIF, GPS, INTEROP = 34665, 34853, 40965
_NESTED = {EXIF, GPS, INTEROP}
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_LONG8 = (16, 18)
_BYTES: Mapping[str, Literal["little", "big"]] = {"<": "little", ">": "big"}
_MOST = 2**26
"""Bytes of all values of a directory that are read."""


@dataclass(frozen=True)
class Entry:
    """A tag's value: its type and count, its bytes in the order of the file, and where they lie there."""

    type: int
    count: int
    data: bytes
    place: int = -1

    def first(self, order: str) -> int | None:
        """Give the first of its integers, of which there may be millions; None for other types."""
        code = _CODES.get(self.type)
        return int(struct.unpack_from(order + code, self.data)[0]) if code and self.count else None

    def fraction(self, order: str) -> Fraction | None:
        """Give the first of its values as a fraction; None for other types and where it is divided by zero."""
        if self.type != RATIONAL:
            number = self.first(order)
            return None if number is None else Fraction(number)
        high, low = struct.unpack_from(f"{order}2I", self.data)
        return Fraction(high, low) if low else None


@dataclass(frozen=True)
class Directory:
    """A directory and those within it.

    Attributes:
        order: ``<`` or ``>``, as in struct.
        entries: By tag.
        nested: The directories that a tag points to; the tag itself is not in ``entries``.
        following: Where the next directory of the file is said to begin; 0 if there is none.
        link: Where that is written.
    """

    order: str = "<"
    entries: Mapping[int, Entry] = field(default_factory=dict)
    nested: Mapping[int, Directory] = field(default_factory=dict)
    following: int = 0
    link: int = 0

    def number(self, tag: int, default: int) -> int:
        """Give the first integer of a tag."""
        entry = self.entries.get(tag)
        number = entry.first(self.order) if entry else None
        return default if number is None else number

    def without(self, tags: Iterable[int]) -> Directory:
        """Leave tags out."""
        left = set(tags)
        return replace(self, entries={tag: each for tag, each in self.entries.items() if tag not in left})

    def __bool__(self) -> bool:
        return bool(self.entries) or any(self.nested.values())


def read_directory(file: BinaryIO, skip: Iterable[int] = ()) -> Directory:
    """Read the first directory of a TIFF file or an EXIF block, with those that it points to.

    Args:
        file: From its first byte; what cannot be read of it is left out.
        skip: Tags that are not read.

    Raises:
        ValueError: It does not begin as a TIFF file.
    """
    order, big, start = _header(file)
    return _read(file, order, big, start, frozenset(skip), 2)


def claimed(file: BinaryIO) -> int:
    """Tell how many bytes of the file the values of the first directory and of those within it take."""
    order, big, start = _header(file)
    size, byteorder = file.seek(0, os.SEEK_END), _BYTES[order]
    total, starts = 0, [start]
    for _ in range(4):
        if not starts:
            break
        for tag, kind, count, data, _ in _table(file, order, big, starts.pop()).rows:
            there = size - int.from_bytes(data, byteorder)  # what lies behind the end is not read
            total += min(_SIZES.get(kind, 0) * count, max(there, len(data)))
            if tag in _NESTED and kind in _CODES:
                starts.append(int.from_bytes(data[: _SIZES[kind]], byteorder))
    return total


class _Table(NamedTuple):
    """The rows of a directory: tag, type, count, the bytes of the value or its place, and where those lie."""

    rows: list[tuple[int, int, int, bytes, int]]
    following: int = 0
    link: int = 0


def _header(file: BinaryIO) -> tuple[str, bool, int]:
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise ValueError("no directory")
    big = struct.unpack_from(order + "H", head, 2)[0] == 43 and len(head) == 16
    return order, big, struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]


def _table(file: BinaryIO, order: str, big: bool, start: int) -> _Table:
    counted, row, inline = (order + "Q", order + "HHQ", 8) if big else (order + "H", order + "HHI", 4)
    size = struct.calcsize(row) + inline
    try:
        file.seek(start)
        (number,) = struct.unpack(counted, file.read(struct.calcsize(counted)))
        first = file.tell()
        table = file.read(size * min(number, 65_535))
        link = first + size * number
        file.seek(link)
        following = int.from_bytes(file.read(inline), _BYTES[order])
    except (struct.error, ValueError, OverflowError, OSError):
        return _Table([])
    rows = []
    for place in range(0, len(table) - size + 1, size):
        tag, kind, count = struct.unpack_from(row, table, place)
        rows.append(
            (tag, kind, count, table[place + size - inline : place + size], first + place + size - inline)
        )
    return _Table(rows, following, link)


def _read(file: BinaryIO, order: str, big: bool, start: int, skip: frozenset[int], depth: int) -> Directory:
    table = _table(file, order, big, start)
    entries: dict[int, Entry] = {}
    nested: dict[int, Directory] = {}
    left = _MOST
    for tag, kind, count, data, at in table.rows:
        length = _SIZES.get(kind, 0) * count
        if tag in skip or tag in entries or tag in nested or not 0 < length <= left:
            continue
        if length > len(data):
            at = int.from_bytes(data, _BYTES[order])
            data = _at(file, at, length)
        data = data[:length]
        if len(data) < length:
            continue
        left -= length
        entry = Entry(kind, count, data, at)
        if tag not in _NESTED:
            entries[tag] = entry
        elif depth and (inside := entry.first(order)) is not None:
            nested[tag] = _read(file, order, big, inside, skip - {tag}, depth - 1)
    return Directory(order, entries, nested, table.following, table.link)


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    try:
        file.seek(place)
        return file.read(length)
    except (OSError, OverflowError, ValueError):
        return b""


def write_directory(directory: Directory, offset: int = 8) -> bytes:
    """Give the bytes of a directory that begins a file, with the header of a TIFF file before it.

    Numbers of 64 bits, which a BigTIFF file may have, are written with 32 where they fit, else left out.
    """
    order = directory.order
    header = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", offset)
    return header + _write(directory, offset)


def _write(directory: Directory, offset: int) -> bytes:
    order = directory.order
    entries = {tag: small for tag, each in directory.entries.items() if (small := _small(each, order))}
    nested = {tag: each for tag, each in directory.nested.items() if each}
    table, behind = bytearray(), bytearray()
    start = offset + 6 + 12 * (len(entries) + len(nested))
    for tag in sorted({*entries, *nested}):
        if tag in nested:
            value = struct.pack(order + "I", start + len(behind))
            behind += _write(nested[tag], start + len(behind))
            behind += bytes(len(behind) % 2)
            entry = Entry(LONG, 1, value)
        else:
            entry = entries[tag]
        table += struct.pack(order + "HHI", tag, entry.type, entry.count)
        if len(entry.data) <= 4:
            table += entry.data.ljust(4, b"\0")
        else:
            table += struct.pack(order + "I", start + len(behind))
            behind += entry.data + bytes(len(entry.data) % 2)
    return b"".join([struct.pack(order + "H", len(entries) + len(nested)), table, bytes(4), behind])


def _small(entry: Entry, order: str) -> Entry | None:
    if entry.type not in _LONG8 and entry.type != 17:
        return entry
    numbers = np.frombuffer(entry.data, f"{order}u8")
    if entry.type == 17 or numbers.max() > 0xFFFF_FFFF:
        return None
    return Entry(LONG, entry.count, numbers.astype(f"{order}u4").tobytes())


def numbers_entry(order: str, kind: int, *values: int) -> Entry:
    """Make an entry of integers."""
    return Entry(kind, len(values), struct.pack(f"{order}{len(values)}{_CODES[kind]}", *values))
