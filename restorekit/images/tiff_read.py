"""Read the first picture of a TIFF file, by the library that gives its kind as it is."""

from __future__ import annotations

import logging
from dataclasses import replace
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import TiffImagePlugin

from restorekit.errors import ImageError
from restorekit.images.deep import by_opencv
from restorekit.images.exif import ORIENTATION, PIXEL_TAGS, orientation
from restorekit.images.files import read_body, size_of
from restorekit.images.formats import CODECS
from restorekit.images.ifd import Directory, claimed, read_directory, write_directory
from restorekit.images.libtiff import silence
from restorekit.images.limits import check_bytes, check_size, check_tags
from restorekit.images.raster import Raster, as_it_is, unassociated
from restorekit.images.tiff_parts import COMPRESSIONS, check_page
from restorekit.images.tiff_segments import (
    CHANNELS,
    CMYK,
    MULTIPLIED,
    PLANES,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    UnknownKind,
    by_tifffile,
)

if TYPE_CHECKING:
    from tifffile import TiffPage

TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How TIFF and BigTIFF begin, of either byte order."""

_MOST = 2**33
"""Bytes of a file, of which other pictures may take most."""

_BLACK_IS_ZERO, _LAB = 1, 8
_FAX, _OLD_JPEG, _JPEG = (2, 3, 4), 6, 7
_METADATA = frozenset({700, 33723, 34377, 34675})


def read_tiff(name: str | Path, file: BinaryIO, max_pixels: int) -> tuple[Raster, Directory]:
    """Decode the first picture of a file and turn it upright.

    Args:
        name: What to call it in an error.
        file: The file.
        max_pixels: The largest width times height that is let pass.

    Returns:
        Its samples, and its directory without what concerns the pixels alone.

    Raises:
        ImageError: It is too large, or of a kind that nothing here reads.
        Exception: Of any kind, where it is damaged.
    """
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it logs is told as an error
    check_tags(name, claimed(file))
    size = size_of(file)
    if size > _MOST:  # of which a copy may be made, if nothing is to be restored
        raise ImageError(f"{name}: is {size / 2**30:.1f} GiB", "save its first picture as a file of its own")
    page = TiffFile(file).pages.first
    sides = page.imagewidth, page.imagelength, page.samplesperpixel
    if not all(isinstance(each, int) for each in sides):  # a list times a number would be a long list
        raise ValueError("it has several widths or heights")
    bits = int(np.max(page.bitspersample))
    check_size(name, page.imagewidth, page.imagelength, max_pixels)
    check_bytes(name, page.imagewidth, page.imagelength, page.samplesperpixel, bits)
    if page.compression in COMPRESSIONS:
        check_page(name, page, size, bits)
    directory = read_directory(file, PIXEL_TAGS - _METADATA - {ORIENTATION})
    raster = _raster(name, file, page, bits, directory)
    if 0 < directory.following < size:
        raster = raster.noting("only the first of several pictures in the file is read")
    return raster, directory


def _raster(name: str | Path, file: BinaryIO, page: TiffPage, bits: int, directory: Directory) -> Raster:
    """Try what knows this kind, the surest first."""
    colours = CHANNELS.get(page.photometric, 0)
    known = page.compression in COMPRESSIONS and colours > 0
    if known and page.imagedepth == 1 and page.samplesperpixel >= colours:
        for way in _ways(page, bits, colours):
            try:
                if way == "tifffile":
                    return by_tifffile(name, page, bits).turned(orientation(directory))
                if way == "pillow":
                    return _by_pillow(name, file, page, bits).turned(orientation(directory))
                return _by_opencv(name, file, page).turned(orientation(directory))
            except UnknownKind:
                continue
    kind = f"{_called(page.photometric)} of {page.samplesperpixel} x {bits} bits"
    kind += f", {_called(page.dtype or 'unknown numbers')}, compression {_called(page.compression)}"
    hint = "save it as 16-bit RGB first"
    if find_spec("imagecodecs") is None:
        hint = f"{CODECS}, which knows more kinds, or {hint}"
    raise ImageError(f"{name}: this kind of TIFF cannot be read ({kind})", hint)


def _ways(page: TiffPage, bits: int, colours: int) -> list[str]:
    """Say what reads a kind of page rightly."""
    shallow = bits in (1, 2, 4, 8) and page.sampleformat in (1, 4)
    deep = bits == 16 and page.sampleformat == 1
    alone = page.samplesperpixel <= colours + 1
    in_one = page.planarconfig != PLANES or page.photometric == RGB
    pillow = ["pillow"] if alone and in_one and shallow else []
    if page.photometric == _LAB:
        return pillow if bits == 8 else []
    subsampled = page.photometric == YCBCR and page.is_subsampled and page.compression != _JPEG
    if page.compression in (_OLD_JPEG, *_FAX) or subsampled:
        return [*pillow, "tifffile"]
    if deep and page.planarconfig != PLANES:
        if alone and page.photometric == RGB:
            return ["tifffile", "opencv"]
        if page.samplesperpixel == colours and page.photometric in (WHITE_IS_ZERO, _BLACK_IS_ZERO, CMYK):
            return ["tifffile", "pillow"]
    return ["tifffile", *pillow]


def _called(value: object) -> str:
    return str(getattr(value, "name", value)).replace("ADOBE_", "").lower()


def _by_pillow(name: str | Path, file: BinaryIO, page: TiffPage, bits: int) -> Raster:
    try:
        image = TiffImagePlugin.TiffImageFile(BytesIO(_bare(read_body(name, file))), "")
    except (SyntaxError, KeyError, ValueError):
        raise UnknownKind from None
    silence()
    image.load()
    raster = as_it_is(name, image)
    if bits == 16 and page.photometric == WHITE_IS_ZERO:
        raster = replace(raster, samples=65535 - raster.samples)
    if bits == 16 and raster.samples.dtype == np.uint8:
        return raster.noting("16 bits per channel are reduced to 8")
    return (
        raster.noting(f"{bits} bits per channel are written as 8")
        if image.mode == "L" and bits < 8
        else raster
    )


def _bare(data: bytes) -> bytes:
    """Give a file another first directory, of what concerns the pixels alone: libtiff tells of every odd tag."""
    directory = read_directory(BytesIO(data))
    odd = set(directory.entries) - (PIXEL_TAGS - _METADATA)
    end = len(data) + len(data) % 2
    written = write_directory(replace(directory.without(odd), nested={}), end)
    return b"".join([written[:8], data[8:], bytes(end - len(data)), written[8:]])


def _by_opencv(name: str | Path, file: BinaryIO, page: TiffPage) -> Raster:
    samples = by_opencv(_bare(read_body(name, file)))
    if samples is None or samples.shape[2] != page.samplesperpixel:
        raise UnknownKind
    return Raster(unassociated(samples) if page.extrasamples[:1] == (MULTIPLIED,) else samples)
