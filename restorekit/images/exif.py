"""EXIF blocks: which way up, told and reset, and those that TIFF files spread over their directory."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import numpy as np

from restorekit.images.ifd import EXIF, GPS, INTEROP, Directory, read_directory, write_directory
from restorekit.images.picture import Array
from restorekit.images.thumbnail import turn_thumbnail

PREFIX = b"Exif\0\0"
ORIENTATION = 0x0112
PIXEL_TAGS = frozenset(
    {
        *range(254, 260), 262, 263, 266, 273, *range(277, 282), 284, *range(288, 294), 297, 301, 317,
        *range(320, 326), 330, 332, 333, 334, 336, *range(338, 344), 347, *range(512, 533), 700,
        33723, 34377, 34675,
    }
)  # fmt: skip
"""TIFF tags that say how its own pixels lie in the file, or that have a place of their own in a `Picture`.

282, 283 and 296, the resolution, are among them only where a file is written.
"""
RESOLUTION = (282, 283, 296)
_SIDES = {(None, 256): 0, (None, 257): 1, (EXIF, 0xA002): 0, (EXIF, 0xA003): 1}
"""Where a block repeats the width and the height of its picture."""


def directory_of(block: bytes) -> Directory:
    """Read an EXIF block, with or without its first six bytes; a damaged one has what can be read of it."""
    try:
        return read_directory(BytesIO(block.removeprefix(PREFIX)))
    except ValueError:
        return Directory()


def orientation(directory: Directory) -> int:
    """Tell how a picture has to be turned, 1 to 8 as EXIF counts, by integers of any type; 1 is upright."""
    turned = directory.number(ORIENTATION, 1)
    return turned if 1 <= turned <= 8 else 1


def upright(samples: Array, turned: int) -> Array:
    """Turn H,W,C as the EXIF orientation ``turned`` says."""
    if turned in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if turned in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if turned in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)


def settled(block: bytes, width: int, height: int) -> bytes:
    """Make a block say of a picture that it is upright and of this size, as it is by now.

    All is written in place, so that every other byte stays where it is, those of makers' notes too. The thumbnail
    is turned as the picture was; one that cannot be is left out.
    """
    start = len(PREFIX)
    block = PREFIX + block.removeprefix(PREFIX)
    directory = directory_of(block)
    turned, order = orientation(directory), directory.order
    changed = bytearray(block)

    def put(place: int, number: int, length: int) -> None:
        value = number.to_bytes(8, "little")[:length]
        changed[start + place : start + place + length] = value if order == "<" else value[::-1]

    if turned == 1:
        return block
    entry = directory.entries[ORIENTATION]
    put(entry.place, 1, len(entry.data) // entry.count)
    for (where, tag), side in _SIDES.items():
        inside = directory if where is None else directory.nested.get(where, Directory())
        side_entry = inside.entries.get(tag)
        if turned > 4 and side_entry is not None and inside.number(tag, 0) == (height, width)[side]:
            put(side_entry.place, (width, height)[side], len(side_entry.data) // side_entry.count)
    if 0 < directory.link <= len(block) - start - 4:
        tiff = changed[start:]
        (first,) = struct.unpack_from(order + "I", tiff, directory.link)
        if first and not turn_thumbnail(tiff, order, first, turned):
            struct.pack_into(order + "I", tiff, directory.link, 0)
        changed[start:] = tiff
    return bytes(changed)


def without_orientation(block: bytes) -> bytes:
    """Take the orientation out of a block in place: the rows behind it move up, and no value moves."""
    directory, start = directory_of(block), len(PREFIX)
    entry = directory.entries.get(ORIENTATION)
    if entry is None or len(entry.data) > 4 or not 0 < directory.link <= len(block) - start - 4:
        return block
    row, end = start + entry.place - 8, start + directory.link + 4
    counted = len(directory.entries) + len(directory.nested)
    first = end - 4 - 12 * counted - 2
    number = int.from_bytes(block[first : first + 2], "little" if directory.order == "<" else "big")
    if number != counted:  # some rows are broken
        return block
    fewer = struct.pack(directory.order + "H", counted - 1)
    return b"".join(
        [block[:first], fewer, block[first + 2 : row], block[row + 12 : end], bytes(12), block[end:]]
    )


def block_of(directory: Directory) -> bytes | None:
    """Give what a TIFF directory says beside its pixels as an EXIF block; None if that is nothing."""
    told = replace(
        directory.without({*PIXEL_TAGS, ORIENTATION}),
        nested={tag: each for tag, each in directory.nested.items() if tag in (EXIF, GPS, INTEROP)},
    )
    return PREFIX + write_directory(told) if told else None


def for_tiff(block: bytes | None) -> Directory:
    """Give what of an EXIF block goes into the directory of a TIFF file."""
    directory = Directory()
    with suppress(ValueError):
        directory = read_directory(BytesIO((block or b"").removeprefix(PREFIX)))
    return directory.without(PIXEL_TAGS - {ORIENTATION})
