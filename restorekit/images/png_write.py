"""Write PNG files: those of 16 bits per channel, which Pillow cannot, and the metadata of all."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

from restorekit.images.exif import PREFIX
from restorekit.images.photoshop import resources
from restorekit.images.picture import Picture
from restorekit.images.png_read import RAW, SIGNATURE, XMP_KEY

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""By the number of channels: grey, grey and alpha, RGB, RGB and alpha."""
_UP = 2
_IHDR = 33
"""Bytes of the signature and the first chunk."""


def encode_png(picture: Picture) -> bytes:
    """Encode a picture of uint8 or uint16."""
    data = _pixels(picture)
    return b"".join([data[:_IHDR], *_told(picture), data[_IHDR:]])


def _pixels(picture: Picture) -> bytes:
    samples = picture.samples
    height, width, channels = samples.shape
    if samples.dtype == np.uint8:
        stream = BytesIO()
        Image.fromarray(samples[..., 0] if channels == 1 else samples).save(stream, "PNG")
        return stream.getvalue()
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    rows = samples.astype(">u2").view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP  # what compresses well of the filters that take no loop
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    body = _chunk(b"IDAT", zlib.compress(filtered.tobytes()))
    return SIGNATURE + _chunk(b"IHDR", header) + body + _chunk(b"IEND", b"")


def _told(picture: Picture) -> list[bytes]:
    """Give the chunks of metadata, in the order that the specification asks for."""
    chunks = _colours(picture)
    if picture.dpi:
        dots = (round(each / 0.0254) for each in picture.dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", *dots, 1)))
    if picture.exif:
        chunks.append(_chunk(b"eXIf", picture.exif.removeprefix(PREFIX)))
    if picture.xmp:
        chunks.append(_text(XMP_KEY, picture.xmp.decode("utf-8", "replace"), wide=True))
    if picture.iptc:
        data = resources(picture.iptc)
        digits = data.hex()
        lines = "\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
        chunks.append(_text(f"{RAW}iptc", f"\niptc\n{len(data):8d}\n{lines}\n"))
    return chunks + [_text(key, text) for key, text in picture.text]


def _colours(picture: Picture) -> list[bytes]:
    coding, chunks = picture.coding, []
    if coding is not None and coding.cicp is not None:
        primaries, transfer, _, _ = coding.cicp
        chunks.append(
            _chunk(b"cICP", bytes([primaries & 255, transfer & 255, 0, 1]))
        )  # RGB of the full range
    if picture.icc:
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(picture.icc)))
    if coding is not None:
        if coding.intent is not None and not picture.icc:
            chunks.append(_chunk(b"sRGB", bytes([coding.intent])))
        if coding.gamma is not None:
            chunks.append(_chunk(b"gAMA", struct.pack(">I", coding.gamma)))
        if coding.primaries is not None:
            chunks.append(_chunk(b"cHRM", struct.pack(">8I", *coding.primaries)))
    return chunks


def _text(key: str, text: str, wide: bool = False) -> bytes:
    name = key.encode("latin-1", "replace")[:79] or b"Comment"
    try:
        plain = b"" if wide else text.encode("latin-1")
    except UnicodeEncodeError:
        wide = True
    if wide:
        return _chunk(b"iTXt", name + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))
    if len(plain) > 1024:
        return _chunk(b"zTXt", name + b"\0\0" + zlib.compress(plain))
    return _chunk(b"tEXt", name + b"\0" + plain)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
