"""Camera raw: read and developed by LibRaw, and never written."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path

from restorekit.errors import ImageError
from restorekit.extras import install, installed
from restorekit.images.exif import PREFIX, directory_of
from restorekit.images.ifd import EXIF, GPS, write_directory
from restorekit.images.limits import check_size
from restorekit.images.metadata import Fields, plain
from restorekit.images.raster import Raster

DEVELOPED = "camera raw is developed, with the white balance of the camera, to sRGB of 16 bits"

_SRGB_CURVE = (2.4, 12.92)
_PAGES = 100
"""Pictures of a file, and of each of these, that are looked at; cameras write a handful."""

_TOLD = frozenset({270, 271, 272, 305, 306, 315, 33432})
"""What a camera, its maker, its owner and the time are told by, in the first directory of a file."""


def read_raw(name: str | Path, data: bytes, max_pixels: int) -> tuple[Raster, Fields]:
    """Develop a file, upright: LibRaw turns it as the camera was turned.

    Raises:
        ImageError: It has too many pixels, is of no camera that LibRaw knows, or the library is missing.
        Exception: Of any kind, where it is damaged.
    """
    if not installed("rawpy"):
        raise ImageError(f"{name}: camera raw needs another package", install("raw"))
    import rawpy

    plain_tiff = _as_tiff(data)
    if plain_tiff is not None and _is_cut(plain_tiff):
        raise EOFError("its end is missing")  # LibRaw has its own words for it, on stderr
    try:
        with rawpy.imread(BytesIO(data)) as raw:
            sizes = raw.sizes
            check_size(name, sizes.raw_width, sizes.raw_height, max_pixels)
            check_size(name, sizes.iwidth, sizes.iheight, max_pixels)
            samples = raw.postprocess(
                use_camera_wb=True, output_bps=16, gamma=_SRGB_CURVE, output_color=rawpy.ColorSpace.sRGB
            )
    except rawpy.LibRawFileUnsupportedError:
        raise ImageError(
            f"{name}: is no camera raw that LibRaw knows", "convert it to DNG or TIFF first"
        ) from None
    except rawpy.LibRawError as error:
        words = error.args[0]
        raise ValueError(words.decode("ascii", "replace") if isinstance(words, bytes) else words) from None
    exif = None if plain_tiff is None else _exif(plain_tiff)
    notes = (DEVELOPED,) if exif else (DEVELOPED, "its EXIF cannot be read, and is left out")
    return Raster(samples, notes), lambda raster: plain({"exif": exif}, raster)


def _as_tiff(data: bytes) -> bytes | None:
    """Return a file as TIFF, which most cameras write, some with another mark at the start; None if it is none."""
    mark = {b"II": b"II*\0", b"MM": b"MM\0*"}.get(data[:2])
    return None if mark is None else mark + data[4:]


def _is_cut(data: bytes) -> bool:
    """Tell whether some of a file's pictures lie behind its end."""
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it logs is not for users
    with suppress(Exception):  # of any kind, where it is damaged: LibRaw may know better
        for page in islice(TiffFile(BytesIO(data)).pages, _PAGES):
            for each in (page, *islice(page.pages or (), _PAGES)):
                pieces = zip(each.dataoffsets, each.databytecounts, strict=False)
                if any(offset + length > len(data) for offset, length in pieces):
                    return True
    return False


def _exif(data: bytes) -> bytes | None:
    """Return what a file says of the camera, its owner and the time."""
    directory = directory_of(data)
    told = replace(
        directory,
        entries={tag: entry for tag, entry in directory.entries.items() if tag in _TOLD},
        nested={tag: each for tag, each in directory.nested.items() if tag in (EXIF, GPS)},
        following=0,
    )
    return PREFIX + write_directory(told) if told else None
