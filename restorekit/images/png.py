"""Write PNG files of 16 bits per channel, which Pillow cannot, and the metadata of all."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from restorekit.images.picture import Picture

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""By the number of channels: grey, grey and alpha, RGB, RGB and alpha."""
_UP = 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_options(picture: Picture) -> dict[str, Any]:
    """Give the metadata of a picture as options of Pillow's PNG writer."""
    text = PngInfo()
    for key, value in picture.text.items():
        text.add_text(key, value)
    if picture.xmp:
        text.add_itxt("XML:com.adobe.xmp", picture.xmp.decode("utf-8", "replace"))
    options = {"icc_profile": picture.icc, "exif": picture.exif, "dpi": picture.dpi}
    return {"pnginfo": text, **{key: value for key, value in options.items() if value}}


def encode_deep_png(picture: Picture) -> bytes:
    """Encode a picture of uint16.

    The chunks are those of the PNG specification; Pillow makes those of metadata, for a picture of one pixel.
    """
    samples = picture.samples
    height, width, channels = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    rows = samples.astype(">u2").view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP  # what compresses well of the filters that take no loop
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    stream = BytesIO()
    Image.new("L", (1, 1)).save(stream, "PNG", **png_options(picture))
    dot, told, place = stream.getvalue(), b"", len(_SIGNATURE)
    while place < len(dot):
        end = place + 12 + int.from_bytes(dot[place : place + 4], "big")
        if dot[place + 4 : place + 8] not in (b"IHDR", b"IDAT", b"IEND"):
            told += dot[place:end]
        place = end
    pixels = _chunk(b"IDAT", zlib.compress(filtered.tobytes()))
    return _SIGNATURE + _chunk(b"IHDR", header) + told + pixels + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
