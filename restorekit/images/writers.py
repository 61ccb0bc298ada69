"""Each format by what writes it, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import Image

from restorekit.images import xmp
from restorekit.images.bmp import encode_bmp_with_alpha
from restorekit.images.boxes import recoded
from restorekit.images.colours import in_srgb
from restorekit.images.exif import PREFIX, without_orientation
from restorekit.images.formats import Format
from restorekit.images.jpeg import APP1, APP13, COMMENT, SEGMENT, put_in
from restorekit.images.photoshop import HEAD, resources
from restorekit.images.picture import Picture
from restorekit.images.png_write import encode_png
from restorekit.images.profiles import profile_of
from restorekit.images.tiff_write import encode_tiff

WORDS = {
    "icc": "colour profile",
    "exif": "EXIF",
    "xmp": "XMP",
    "iptc": "IPTC",
    "dpi": "resolution",
    "text": "text",
    "coding": "meaning of its colours",
}
"""What beside colours a format may hold, by the field of a `Picture`."""

_LONGEST = {"exif": SEGMENT, "iptc": SEGMENT - len(HEAD) - 13}
"""Bytes that one segment of a JPEG has room for."""

_CODED = ("PNG", "AVIF", "HEIF")
"""Formats that say the meaning of colours by code points."""


def holdable(picture: Picture, target: Format) -> tuple[Picture, tuple[str, ...]]:
    """Leave out of a picture what the format cannot hold, and say it."""
    nothing, lost, notes = Picture(picture.pixels), [], []
    if target.kind not in _CODED or (picture.coding and not picture.coding.cicp and target.kind != "PNG"):
        picture, said = _profiled(picture, target)
        notes += said
    for name, word in WORDS.items():
        value = held = getattr(picture, name)
        if target.kind == "JPEG" and name == "text":
            held = tuple((key, line) for key, line in value if key == "Comment")
        elif name not in target.holds or (target.kind == "JPEG" and _long(name, value)):
            held = getattr(nothing, name)
        if held != value:
            lost.append(word)
            picture = replace(picture, **{name: held})
    if target.kind == "JXL" and picture.icc:
        picture, said = in_srgb(picture)
        notes += said
    if lost:
        notes.insert(0, f"{target.name} cannot hold the {', '.join(lost)}")
    return picture, tuple(notes)


def _profiled(picture: Picture, target: Format) -> tuple[Picture, list[str]]:
    """Say the meaning of colours by a profile where the format has no other way."""
    if picture.coding is None:
        return picture, []
    bare = replace(picture, coding=None)
    if picture.icc or picture.coding.is_srgb:  # which need no other word
        return bare, []
    profile = profile_of(picture.coding, picture.one_channel) if "icc" in target.holds else None
    if profile is None:
        return bare, [f"{target.name} cannot hold the meaning of its colours"]
    return replace(bare, icc=profile), ["the meaning of its colours is written as a colour profile"]


def _long(name: str, value: bytes | None) -> bool:
    return name in _LONGEST and value is not None and len(value) > _LONGEST[name]


def encode(picture: Picture, target: Format) -> bytes:
    """Encode a picture that the format can hold.

    Raises:
        Exception: Of any kind, where it cannot.
    """
    if target.kind == "TIFF":
        return encode_tiff(picture)
    if target.kind == "PNG":
        return encode_png(picture)
    if target.kind == "BMP" and picture.alpha is not None:
        return encode_bmp_with_alpha(picture)
    told: dict[str, Any] = {"icc_profile": picture.icc, "exif": picture.exif, "dpi": picture.dpi}
    if target.kind != "JPEG":
        told["xmp"] = picture.xmp
    if target.kind == "AVIF" and picture.exif:
        told["exif"] = without_orientation(picture.exif)  # else Pillow writes the whole block again
    if target.kind == "JXL" and picture.exif:
        told["exif"] = bytes(4) + picture.exif.removeprefix(
            PREFIX
        )  # how far its first byte lies, then all of it
    options = {key: value for key, value in told.items() if value}
    options |= picture.encoding.get(target.kind, target.options)
    samples = picture.samples
    stream = BytesIO()
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    image.save(stream, target.kind, **options)
    data = stream.getvalue()
    if target.kind == "JPEG":
        return put_in(data, _segments(picture))
    if picture.coding and picture.coding.cicp:
        return recoded(data, picture.coding.cicp)
    return data


def _segments(picture: Picture) -> list[tuple[int, bytes]]:
    """Give the segments of a JPEG that Pillow does not write, or not all of."""
    found = [(APP1, body) for body in xmp.cut(picture.xmp)] if picture.xmp else []
    if picture.iptc:
        found.append((APP13, HEAD + resources(picture.iptc)))
    for _, text in picture.text:
        data = text.encode("utf-8", "replace")
        found += [(COMMENT, data[place : place + SEGMENT]) for place in range(0, len(data), SEGMENT)]
    return found
