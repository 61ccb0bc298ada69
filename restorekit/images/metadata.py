"""What a file says beside its colours, as fields of a `Picture`; what is broken of it is left out, and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import ImageFile

from restorekit.images import xmp
from restorekit.images.boxes import Main
from restorekit.images.coding import Coding
from restorekit.images.exif import PREFIX, block_of, settled
from restorekit.images.ifd import BYTE, UNDEFINED, Directory
from restorekit.images.photoshop import iptc_of
from restorekit.images.raster import Raster

Fields = Callable[[Raster], dict[str, Any]]
"""Gives the metadata of a picture by its samples, whose size it may have to repeat."""

_ICC, _XMP, _IPTC, _PHOTOSHOP = 34675, 700, 33723, 34377
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 282, 283, 296
_INCH, _CM = 2, 3
_MANY = 10_000
_SAME_AS_SRGB = {(1, 13), (2, 2), (2, 13), (1, 2)}
"""Primaries and transfer that need no word; 2 is unspecified."""


def plain(fields: Mapping[str, Any], raster: Raster) -> dict[str, Any]:
    """Give fields as those of a picture that is upright, alone, and of the size that it has by now."""
    told = {name: value for name, value in fields.items() if value is not None}
    notes = list(told.get("notes", ()))
    height, width = raster.samples.shape[:2]
    if exif := told.get("exif"):
        told["exif"] = settled(exif, width, height)
    if packet := told.get("xmp"):
        told["xmp"], promised = xmp.settled(packet)
        if promised:
            notes.append("the gain map or film behind the picture is left out")
    if not raster.keeps_icc:
        told.pop("icc", None)
    return {**told, "notes": tuple(notes)}


def of_webp(image: ImageFile.ImageFile, data: bytes, raster: Raster) -> dict[str, Any]:
    """Give the metadata of a WebP file."""
    info = image.info
    lossless = {"encoding": {"WEBP": {"lossless": True, "exact": True}}} if _chunk(data, b"VP8L") else {}
    told = {"icc": info.get("icc_profile"), "exif": _block(info.get("exif")), "xmp": info.get("xmp")}
    return plain({"kind": "WEBP", **told, **lossless}, raster)


def of_boxes(image: ImageFile.ImageFile, main: Main, raster: Raster) -> dict[str, Any]:
    """Give the metadata of an AVIF or HEIC file."""
    info = image.info
    told = {
        "icc": info.get("icc_profile"),
        "exif": _block(main.exif or info.get("exif")),
        "xmp": info.get("xmp"),
    }
    told["kind"] = image.format
    if main.cicp and main.cicp[:2] not in _SAME_AS_SRGB and not told["icc"]:
        told["coding"] = Coding(cicp=main.cicp)
    fields = plain(told, raster)
    if main.gain_map:
        fields["notes"] += ("its gain map is left out: it shows on every screen as on an ordinary one",)
    return fields


def of_directory(directory: Directory, raster: Raster) -> dict[str, Any]:
    """Give the metadata of a TIFF file by its directory."""
    notes = []
    found: dict[str, bytes] = {}
    for name, tag in {"icc": _ICC, "xmp": _XMP, "iptc": _IPTC, "photoshop": _PHOTOSHOP}.items():
        entry = directory.entries.get(tag)
        if entry is None:
            continue
        data = entry.data
        if name == "iptc" and entry.type not in (BYTE, UNDEFINED) and data[:1] != b"\x1c":
            data = _swapped(data)  # some write it as numbers of 32 bits, in the order of the file
        if name in ("icc", "xmp") and entry.type not in (BYTE, UNDEFINED):
            notes.append(f"its {name.upper()} cannot be read, and is left out")
            continue
        found[name] = data.rstrip(b"\0") if name == "iptc" else data
    iptc = found.get("iptc") or iptc_of(found.get("photoshop", b""))
    if iptc is not None and iptc[:1] != b"\x1c":
        notes.append("its IPTC cannot be read, and is left out")
        iptc = None
    told = {
        "kind": "TIFF",
        "icc": found.get("icc"),
        "xmp": found.get("xmp"),
        "iptc": iptc,
        "exif": block_of(directory),
    }
    dpi, note = _resolution(directory)
    return plain({**told, "dpi": dpi, "notes": (*notes, *note)}, raster)


def _resolution(directory: Directory) -> tuple[tuple[float, float] | None, list[str]]:
    """Give dots per inch, and what to say of a resolution that is none."""
    both = [directory.entries.get(tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    if None in both:
        return None, []
    values = [each.fraction(directory.order) for each in both if each]
    unit = directory.number(_UNIT, _INCH)
    if unit not in (_INCH, _CM):
        return None, []  # only how long a pixel is beside how wide
    factor = 2.54 if unit == _CM else 1.0
    dots = tuple(float(each) * factor for each in values if each)
    if len(dots) == 2 and min(dots) > 0:
        return (dots[0], dots[1]), []
    return None, ["its resolution is not a number, and is left out"]


def _swapped(data: bytes) -> bytes:
    return np.frombuffer(data[: len(data) // 4 * 4], np.uint32).byteswap().tobytes()


def _block(exif: bytes | None) -> bytes | None:
    return PREFIX + exif.removeprefix(PREFIX) if exif else None


def _chunk(data: bytes, kind: bytes) -> bool:
    """Tell whether a RIFF file has a chunk."""
    place = 12
    for _ in range(_MANY):
        if place >= len(data) - 8:
            break
        if data[place : place + 4] == kind:
            return True
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return False
