"""Read PNG files: the pixels by Pillow or OpenCV, the chunks beside them here, each within bounds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import PngImagePlugin

from restorekit.errors import ImageError
from restorekit.images.coding import Coding
from restorekit.images.deep import by_opencv
from restorekit.images.exif import PREFIX
from restorekit.images.photoshop import iptc_of
from restorekit.images.picture import Array
from restorekit.images.raster import Raster, as_it_is, first_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEY = "XML:com.adobe.xmp"
RAW = "Raw profile type "
_PIXELS = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_GREY, _RGB, _PALETTE, _GREY_ALPHA = 0, 2, 3, 4
_MOST, _MANY, _BROKEN = 2**26, 2**20, 16
"""Bytes that texts and profiles may unfold to, chunks that a file may have, and how many of them may be broken."""


class Png(NamedTuple):
    """A file in parts: what its head says, its pixels as a file of their own, and all other chunks in their order."""

    width: int
    height: int
    bits: int
    colours: int
    pixels: bytes
    others: list[tuple[bytes, bytes]]

    def other(self, kind: bytes, size: int = 0) -> bytes | None:
        """Give the first chunk of a kind, of at least ``size`` bytes."""
        return next((body for each, body in self.others if each == kind and len(body) >= size), None)


def parts(data: bytes) -> Png:
    """Take a file apart.

    Raises:
        EOFError: Its end is missing.
    """
    width, height, bits, colours = struct.unpack_from(">IIBB", data, 16)
    kept, others = [SIGNATURE], []
    for kind, start, end in _chunks(data):
        if kind in _PIXELS or (kind == b"tRNS" and colours == _PALETTE):
            kept.append(data[start - 8 : end + 4])
        else:
            others.append((kind, data[start:end]))
    return Png(width, height, bits, colours, b"".join(kept), others)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    place = len(SIGNATURE)
    for _ in range(_MANY):
        if place + 12 > len(data):
            break
        kind, start = data[place + 4 : place + 8], place + 8
        end = start + int.from_bytes(data[place : place + 4], "big")
        if end + 4 > len(data):
            break
        yield kind, start, end
        if kind == b"IEND":
            return
        place = end + 4
    raise EOFError("its end is missing")


def pixels_of(name: str | Path, png: Png) -> Raster:
    """Decode the pixels, which PNG does not turn.

    Raises:
        ImageError: It is of a kind that cannot be read.
        Exception: Of any kind, where it is damaged.
    """
    image = PngImagePlugin.PngImageFile(BytesIO(png.pixels), "")
    image.load()  # also where OpenCV gives the samples: it fails to see some damage
    if png.bits == 16 and png.colours != _GREY:
        _check_sums(png.pixels)  # OpenCV has its own words for a wrong one, on stderr
        samples = by_opencv(png.pixels)
        if samples is None or samples.shape[:2] != (png.height, png.width):
            raise ImageError(f"{name}: this kind of 16-bit PNG cannot be read", "convert it first")
        if png.colours == _GREY_ALPHA and samples.shape[2] == 4:
            samples = samples[..., 2:]  # neither library has a deep mode for it
        raster = Raster(samples)
    else:
        raster = as_it_is(name, image)
    clear = png.other(b"tRNS", {_GREY: 2, _RGB: 6}.get(png.colours, 0))
    if clear is not None and png.colours in (_GREY, _RGB):
        raster = Raster(_with_alpha(raster.samples, clear, png.bits), raster.notes)
    played = png.other(b"acTL", 8)
    return raster.noting(*first_of(int.from_bytes(played[:4], "big") if played else 1))


def _check_sums(data: bytes) -> None:
    for kind, start, end in _chunks(data):
        if zlib.crc32(data[start - 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise OSError(f"the checksum of its {kind.decode('ascii', 'replace')} is wrong")


def _with_alpha(samples: Array, clear: bytes, bits: int) -> Array:
    """Make the one transparent value of a file an alpha channel."""
    channels = samples.shape[2]
    top = np.iinfo(samples.dtype).max
    value = np.array(struct.unpack_from(f">{channels}H", clear)) * top // (2**bits - 1)
    alpha = np.where((samples == value).all(axis=2, keepdims=True), 0, top)
    return np.concatenate([samples, alpha.astype(samples.dtype)], axis=2)


def metadata_of(png: Png) -> dict[str, Any]:
    """Give what the other chunks say, as fields of a `Picture`; those that are broken are noted and left out."""
    fields: dict[str, Any] = {"kind": "PNG", "text": [], "coding": _coding(png)}
    broken: list[str] = []
    left = _MOST
    for kind, body in png.others:
        try:
            left -= _take(fields, kind, body, left)
        except (ValueError, zlib.error, IndexError) as error:
            broken.append(kind.decode("ascii", "replace"))
            left = 0 if isinstance(error, _TooLongError) or len(broken) > _BROKEN else left
    phys = png.other(b"pHYs", 9)
    if phys:
        across, down, unit = struct.unpack_from(">IIB", phys)
        if unit == 1 and across and down:
            fields["dpi"] = across * 0.0254, down * 0.0254
    fields["text"] = tuple(fields["text"])
    fields["notes"] = tuple(f"its broken {each} chunk is left out" for each in dict.fromkeys(broken))
    return fields


def _take(fields: dict[str, Any], kind: bytes, body: bytes, most: int) -> int:
    """Take a chunk's say into the fields; return how many bytes it unfolded to."""
    if kind == b"eXIf":
        fields.setdefault("exif", PREFIX + body.removeprefix(PREFIX))
    elif kind == b"iCCP" and "icc" not in fields:
        fields["icc"] = _inflated(body.split(b"\0", 1)[1][1:], most)
        return len(fields["icc"])
    elif kind in (b"tEXt", b"zTXt", b"iTXt"):
        key, text = _text(kind, body, most)
        if key == XMP_KEY:
            fields.setdefault("xmp", text.encode())
        elif key.startswith(RAW):
            _profile(fields, key.removeprefix(RAW).lower(), text)
        else:
            fields["text"].append((key, text))
        return len(text)
    return 0


def _text(kind: bytes, body: bytes, most: int) -> tuple[str, str]:
    key, _, rest = body.partition(b"\0")
    name = key.decode("latin-1")
    if kind == b"tEXt":
        return name, rest.decode("latin-1")
    if kind == b"zTXt":
        return name, _inflated(rest[1:], most).decode("latin-1")
    packed = rest[0]
    text = rest[2:].split(b"\0", 2)[2]
    return name, (_inflated(text, most) if packed else text).decode("utf-8", "replace")


class _TooLongError(ValueError):
    """What unfolds to more than is left for all."""


def _inflated(data: bytes, most: int) -> bytes:
    unfolding = zlib.decompressobj()
    found = unfolding.decompress(data, most + 1)
    if len(found) > most:
        raise _TooLongError
    if not unfolding.eof:
        raise ValueError("cut off")
    return found


def _profile(fields: dict[str, Any], kind: str, text: str) -> None:
    """Take a profile that ImageMagick and others write as hexadecimal digits in a text."""
    _, length, digits = text.split(None, 2)
    data = bytes.fromhex(digits)[: int(length)]
    if kind in ("exif", "app1") and data.startswith(PREFIX):
        fields.setdefault("exif", data)
    elif kind == "exif":
        fields.setdefault("exif", PREFIX + data)
    elif kind in ("xmp", "app1"):
        fields.setdefault("xmp", data.removeprefix(b"http://ns.adobe.com/xap/1.0/\0"))
    elif kind in ("iptc", "8bim"):
        fields.setdefault("iptc", iptc_of(data))
    elif kind in ("icc", "icm"):
        fields.setdefault("icc", data)


def _coding(png: Png) -> Coding | None:
    """Give what the chunks of colours say beside a profile."""
    coding = Coding()
    if (code := png.other(b"cICP", 4)) is not None:
        coding = coding._replace(cicp=(code[0], code[1], code[2], code[3]))
    if (intent := png.other(b"sRGB", 1)) is not None:
        coding = coding._replace(intent=intent[0])
    if gamma := png.other(b"gAMA", 4):
        coding = coding._replace(gamma=int.from_bytes(gamma[:4], "big"))
    if primaries := png.other(b"cHRM", 32):
        coding = coding._replace(primaries=struct.unpack_from(">8I", primaries))
    return coding if coding != Coding() else None
