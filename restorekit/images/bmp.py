"""BMP files: those whose colours lie in bit fields, and transparency; the others are Pillow's."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import BmpImagePlugin

from restorekit.errors import ImageError
from restorekit.images.files import size_of
from restorekit.images.picture import Array, Picture
from restorekit.images.raster import Raster, as_it_is

_OLD = 12
_RGB, _FIELDS, _ALPHA_FIELDS = 0, 3, 6
_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
"""Red, green, blue and alpha where a file does not say."""
_FILE, _V4 = 14, 108
_SRGB = 0x73524742


class Head(NamedTuple):
    """What a file says of itself."""

    width: int
    height: int
    down: bool
    bits: int
    packing: int
    size: int
    start: int
    rest: bytes


def head_of(file: BinaryIO) -> Head:
    """Read the head of a file.

    Raises:
        struct.error: It is cut off.
    """
    size_of(file)
    data = file.read(_FILE + 124)
    start, size = struct.unpack_from("<II", data, 10)
    if size == _OLD:
        width, height, _, bits = struct.unpack_from("<HHHH", data, _FILE + 4)
        return Head(width, height, False, bits, _RGB, size, start, b"")
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, _FILE + 4)
    return Head(abs(width), abs(height), height < 0, bits, packing, size, start, data[_FILE + 40 :])


def read_bmp(name: str | Path, data: bytes, head: Head) -> tuple[Raster, dict[str, Any]]:
    """Decode a file; give its samples, and its resolution as a field of a `Picture`.

    Raises:
        ImageError: It is of a kind that cannot be read.
        Exception: Of any kind, where it is damaged.
    """
    fields: dict[str, Any] = {"kind": "BMP"}
    if head.size > _OLD:
        across, down = struct.unpack_from("<ii", data, _FILE + 24)
        if across > 0 and down > 0:
            fields["dpi"] = across * 0.0254, down * 0.0254
    if head.packing in (_RGB, _FIELDS, _ALPHA_FIELDS) and head.bits in _MASKS:
        return _by_masks(name, data, head), fields
    image = BmpImagePlugin.BmpImageFile(BytesIO(data), "")
    image.load()
    return as_it_is(name, image), fields


def _by_masks(name: str | Path, data: bytes, head: Head) -> Raster:
    masks = _MASKS[head.bits]
    if head.packing != _RGB and len(head.rest) >= 16:
        alpha = head.packing == _ALPHA_FIELDS or head.size >= 56
        masks = struct.unpack_from("<IIII", head.rest)
        masks = masks if alpha else (*masks[:3], 0)
    if not all(masks[:3]):
        raise ImageError(f"{name}: a BMP without a field for every colour cannot be read", "convert it first")
    stride = (head.width * head.bits // 8 + 3) // 4 * 4
    if head.start + stride * head.height > len(data):
        raise EOFError("its end is missing")
    rows = np.frombuffer(data, np.uint8, stride * head.height, head.start).reshape(head.height, stride)
    numbers = rows.view(f"<u{head.bits // 8}")[:, : head.width]
    samples = np.stack([_field(numbers, mask) for mask in masks if mask], axis=2)
    if samples.shape[2] == 4 and not samples[..., 3].any():  # a field that nobody filled
        samples = np.ascontiguousarray(samples[..., :3])
    return Raster(samples if head.down else np.ascontiguousarray(samples[::-1]))


def _field(numbers: Array, mask: int) -> Array:
    shift = (mask & -mask).bit_length() - 1
    top = mask >> shift
    found = (numbers & numbers.dtype.type(mask & (2 ** (8 * numbers.itemsize) - 1))) >> shift
    return np.asarray(found if top == 255 else (found * (255 / top)).round()).astype(np.uint8)


def encode_bmp_with_alpha(picture: Picture) -> bytes:
    """Encode an 8-bit picture with transparency, with a header of version 4, which has a field for it."""
    height, width = picture.pixels.shape[:2]
    assert picture.alpha is not None
    body = np.dstack([picture.pixels[::-1, :, ::-1], picture.alpha[::-1]]).tobytes()
    across, down = (round(each / 0.0254) for each in picture.dpi or (0, 0))
    start = _FILE + _V4
    head = struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start)
    head += struct.pack("<IiiHHIIiiII", _V4, width, height, 1, 32, _FIELDS, len(body), across, down, 0, 0)
    head += struct.pack("<IIIII", *_MASKS[32][:3], 0xFF000000, _SRGB) + bytes(48)
    return head + body
