"""The strips and tiles of a TIFF file hold no more than their picture, seen before any of them is decoded."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import ImageError
from restorekit.images.files import MOST
from restorekit.images.inner import INNER, claim_of
from restorekit.images.limits import check_parts

if TYPE_CHECKING:
    from tifffile import TiffPage

COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 8, 32771, 32773, 32946, 34925, 34926, 50000, 50013, *INNER})
"""Those that are read: none, fax, LZW, deflate, LZMA and the like, and pictures in pictures."""

_AGAIN = "save it again with another program"
_READ_AHEAD = 2**24
_SMALL, _SLACK = 2**29, 2**20
"""Bytes that a part may unfold to whatever the picture takes, and bytes or pixels beyond its own."""


class _PackBits:
    def decompress(self, data: bytes, most: int) -> bytes:
        """Unfold runs of bytes, up to about ``most``."""
        unfolded, place = bytearray(), 0
        while place < len(data) and len(unfolded) < most:
            count, place = data[place], place + 1
            if count < 128:
                unfolded += data[place : place + count + 1]
                place += count + 1
            elif count > 128:
                unfolded += data[place : place + 1] * (257 - count)
                place += 1
        return bytes(unfolded)


_ENDLESS: dict[int, Any] = {
    **dict.fromkeys((8, 32946, 50013), zlib.decompressobj),
    34925: lzma.LZMADecompressor,
    32773: _PackBits,
}
_RATIO = 2**13
"""To how many bytes one may unfold."""


def check_page(name: str | Path, page: TiffPage, size: int, bits: int) -> None:
    """Refuse a page whose parts are not all there, or would take far more time or memory than its picture.

    Args:
        name: What to call it in an error.
        page: The page; its own size is within limits.
        size: Bytes of the file.
        bits: Per channel.

    Raises:
        ImageError: There are too many parts, or they unfold to far more than the picture.
        EOFError: Some of them are missing.
        Exception: Of any kind, where one is damaged.
    """
    pieces = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    if max((offset + length for offset, length in pieces), default=0) > size:
        raise EOFError("its end is missing")  # libtiff has its own words for it, on stderr
    if not any(length for _, length in pieces):
        raise EOFError("it has no pixels")
    if len(pieces) < prod(page.chunked):
        raise EOFError("parts of it are missing")
    check_parts(name, len(pieces))
    if sum(length for _, length in pieces) > max(2 * size, MOST):
        raise ImageError(f"{name}: its parts are the same bytes over and over", _AGAIN)
    rows, columns = min(page.rowsperstrip, page.imagelength), page.imagewidth
    if page.is_tiled:
        rows, columns = page.tilelength * page.tiledepth, page.tilewidth
    unfolded = rows * columns * page.samplesperpixel * bits // 8
    picture = page.imagewidth * page.imagelength * page.samplesperpixel * bits // 8
    if unfolded > max(4 * picture, _SMALL):
        raise ImageError(f"{name}: a tile of it takes {unfolded / 2**30:.1f} GiB", _AGAIN)
    if page.compression in _ENDLESS and find_spec("imagecodecs") is None:
        _check_ends(name, page, 2 * unfolded + _SLACK)
    if page.compression in INNER:
        _check_inner(name, page, rows * columns)


def _check_ends(name: str | Path, page: TiffPage, most: int) -> None:
    """Refuse parts that unfold without end, which tifffile lets those do that come with Python."""
    make = _ENDLESS[page.compression]
    for data in _parts(page):
        if len(data) * _RATIO > max(most, _SMALL) and len(make().decompress(data, most + 1)) > most:
            raise ImageError(f"{name}: a part of it unfolds to far more than its picture", _AGAIN)


def _check_inner(name: str | Path, page: TiffPage, pixels: int) -> None:
    kind, head = INNER[page.compression], page.jpegheader or b""
    most = (2 * pixels + _SLACK) * max(page.samplesperpixel, 4)
    for data in _parts(page):
        claim = claim_of(name, kind, head + data)
        if claim is not None and prod(claim) > most:
            raise ImageError(f"{name}: a part of it claims {claim.width} x {claim.height} pixels", _AGAIN)


def _parts(page: TiffPage) -> Iterator[bytes]:
    """Give the bytes of each part that has any."""
    read = page.parent.filehandle.read_segments(
        page.dataoffsets, page.databytecounts, buffersize=_READ_AHEAD, flat=True
    )
    return (data for data, _ in read if isinstance(data, bytes))
