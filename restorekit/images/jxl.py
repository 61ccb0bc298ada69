"""JPEG XL (ISO/IEC 18181): what its head says, then its colours by libjxl, and its metadata."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restorekit.errors import ImageError
from restorekit.images.boxes import boxes_in
from restorekit.images.exif import PREFIX
from restorekit.images.formats import missing_codec
from restorekit.images.limits import check_bytes, check_size
from restorekit.images.metadata import Fields, plain
from restorekit.images.raster import Raster

BEGINNINGS = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
"""How a file begins that is a bare code stream, and one in boxes."""

_HEAD = 64
"""Bytes of a code stream that hold all that is looked at."""

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIDES = ((1, 9), (1, 13), (1, 18), (1, 30))
_BITS = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS = ((32, 0), (16, 0), (24, 0), (1, 6))
_EXTRA = ((0, 0), (1, 0), (2, 4), (1, 12))
"""Ways to write a number, by what is added to it and how many bits it has."""

_TOLD = {b"Exif": "exif", b"xml ": "xmp"}
"""Boxes of metadata, and the fields of a `Picture` that they are."""

_METADATA = 2**24
"""Bytes that compressed metadata may unfold to."""


@dataclass(frozen=True)
class Head:
    """What a code stream says of its picture.

    Attributes:
        width: Before it is turned.
        height: Before it is turned.
        bits: Per channel.
        floating: Whether they are real numbers.
        extra: Channels beside the colours.
        rare: What is in the file that nothing here reads; empty if nothing is.
    """

    width: int
    height: int
    bits: int = 8
    floating: bool = False
    extra: int = 0
    rare: str = ""


def read_jxl(name: str | Path, data: bytes, max_pixels: int) -> tuple[Raster, Fields]:
    """Decode a file, upright, as its code stream says; the orientation in EXIF has no meaning here.

    Raises:
        ImageError: It is too large, of a kind that is not read, or the codec is missing.
        Exception: Of any kind, where it is damaged.
    """
    stream = code_stream(data)
    head = head_of(stream)
    check_size(name, head.width, head.height, max_pixels)
    check_bytes(name, head.width, head.height, 3 + head.extra, 32)
    if hint := missing_codec("JXL"):
        raise ImageError(f"{name}: JPEG XL needs another package", hint)
    from pillow_jxl import Decoder

    if head.rare:
        raise ImageError(f"{name}: JPEG XL {head.rare} cannot be read", "convert it first")
    _, info, pixels, icc, _ = Decoder(num_threads=-1)(stream)
    if head.floating or info.mode == "F" or icc[16:20] == b"CMYK":
        kind = "CMYK" if icc[16:20] == b"CMYK" else "floating-point numbers"
        raise ImageError(f"{name}: JPEG XL of {kind} cannot be read", "convert it to RGB first")
    deep = info.mode == "I;16"
    samples = np.frombuffer(pixels, np.uint16 if deep else np.uint8).reshape(info.height, info.width, -1)
    raster = Raster(samples)
    if head.bits > 8 and not deep:
        raster = raster.noting(f"{head.bits} bits per channel are reduced to 8")
    told, notes = _metadata(data)
    return raster.noting(*notes), lambda raster: plain({"kind": "JXL", "icc": icc or None, **told}, raster)


def code_stream(data: bytes) -> bytes:
    """Return the code stream of a file, which may be cut over several boxes."""
    if data.startswith(BEGINNINGS[0]):
        return data
    parts = []
    for kind, (start, end) in boxes_in(data, (0, len(data))):
        if kind in (b"jxlc", b"jxlp"):
            parts.append(data[start + (4 if kind == b"jxlp" else 0) : end])
    return b"".join(parts)


def head_of(stream: bytes) -> Head:
    """Read the head of a code stream.

    Raises:
        ValueError: It is none.
    """
    if not stream.startswith(BEGINNINGS[0]):
        raise ValueError("it has no code stream")
    bits = _Bits(stream[2:_HEAD])
    width, height = _size(bits)
    if bits.take(1):  # all as it usually is
        return Head(width, height)
    if bits.take(1):
        bits.take(3)
        if bits.take(1):
            _size(bits)
        if bits.take(1):
            return Head(width, height, rare="with a preview")
        if bits.take(1):
            return Head(width, height, rare="that is an animation")
    floating = bool(bits.take(1))
    depth = bits.number(_FLOAT_BITS if floating else _BITS)
    bits.take(4 if floating else 0)
    bits.take(1)
    return Head(width, height, depth, floating, bits.number(_EXTRA))


class _Bits:
    """Numbers in a code stream, their lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("its head is cut off")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return taken

    def number(self, ways: tuple[tuple[int, int], ...]) -> int:
        more, count = ways[self.take(2)]
        return more + self.take(count)


def _size(bits: _Bits) -> tuple[int, int]:
    eighth = bits.take(1)
    height = 8 * (1 + bits.take(5)) if eighth else bits.number(_SIDES)
    ratio = bits.take(3)
    if ratio:
        wide, high = _RATIOS[ratio - 1]
        return height * wide // high, height
    return 8 * (1 + bits.take(5)) if eighth else bits.number(_SIDES), height


def _metadata(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return EXIF and XMP, and what to say of such as cannot be unfolded."""
    # The first of each kind: a few bytes may unfold to many, and boxes be many.
    blocks: dict[bytes, bytes] = {}
    if data.startswith(BEGINNINGS[0]):
        return {}, []
    for kind, (start, end) in boxes_in(data, (0, len(data))):
        packed = kind == b"brob"
        if packed:
            kind, start = data[start : start + 4], start + 4
        if kind in _TOLD and kind not in blocks and start < end:
            blocks[kind] = _unfolded(data[start:end]) if packed else data[start:end]
    told: dict[str, Any] = {_TOLD[kind]: body for kind, body in blocks.items() if body}
    if exif := told.get("exif"):
        offset = 0 if exif[:2] in (b"II", b"MM") else 4 + int.from_bytes(exif[:4], "big")
        told["exif"] = PREFIX + exif[offset:]
    broken = len(told) < len(blocks)
    return told, ["its compressed metadata cannot be read, and is left out"] if broken else []


def _unfolded(data: bytes) -> bytes:
    with suppress(Exception):  # of any kind, where it is damaged
        from brotli import Decompressor

        decompressor = Decompressor()
        body: bytes = decompressor.process(data, output_buffer_limit=_METADATA)
        if decompressor.is_finished():
            return body
    return b""
