"""Each kind of file by what reads it: its samples, upright, and its metadata on demand."""

from __future__ import annotations

import struct
from functools import partial
from pathlib import Path
from typing import BinaryIO

from restorekit.errors import ImageError
from restorekit.images import bmp, jpeg_read, png_read
from restorekit.images.boxes import Main, main_picture
from restorekit.images.exif import directory_of, orientation
from restorekit.images.files import read_body, size_of
from restorekit.images.jxl import read_jxl
from restorekit.images.limits import check_size
from restorekit.images.metadata import Fields, of_boxes, of_directory, of_webp, plain
from restorekit.images.opening import open_image
from restorekit.images.raster import Raster, as_it_is, first_of
from restorekit.images.raw import read_raw
from restorekit.images.tiff_read import read_tiff

_RARE = {
    b"unci": "an uncompressed HEIF",
    b"jpeg": "a HEIF of JPEG",
    b"j2k1": "a HEIF of JPEG 2000",
    b"avc1": "a HEIF of H.264",
    b"vvc1": "a HEIF of H.266",
    b"mski": "a HEIF of masks",
}
"""What a HEIF file may hold that libheif reads only in some builds."""


def read_kind(
    name: str | Path, file: BinaryIO, kinds: tuple[str, ...], max_pixels: int
) -> tuple[Raster, Fields]:
    """Decode a file of one of some kinds and turn it upright.

    Returns:
        Its samples, and what gives its metadata.

    Raises:
        ImageError: It is too large, or of a kind that nothing here reads.
        Exception: Of any kind, where it is damaged.
    """
    if kinds == ("TIFF",):
        raster, directory = read_tiff(name, file, max_pixels)
        return raster, partial(of_directory, directory)
    if kinds == ("PNG",):
        return _png(name, file, max_pixels)
    if kinds == ("BMP",):
        return _bmp(name, file, max_pixels)
    data = read_body(name, file)
    if kinds == ("JXL",):
        return read_jxl(name, data, max_pixels)
    if kinds == ("RAW",):
        return read_raw(name, data, max_pixels)
    if kinds == ("JPEG",):
        raster, image, heads = jpeg_read.read_jpeg(name, data, max_pixels)
        raster = raster.turned(_turned(jpeg_read.exif_of(heads)))
        return raster, lambda raster: plain(jpeg_read.metadata_of(image, heads), raster)
    main = Main() if kinds == ("WEBP",) else main_picture(data)
    try:
        image = open_image(name, data, kinds, max_pixels)
        image.load()
    except ImageError:
        raise
    except Exception:
        if main.kind in _RARE:
            raise ImageError(f"{name}: {_RARE[main.kind]} cannot be read", "convert it first") from None
        raise
    raster = as_it_is(name, image)
    if main.bits > 8:
        raster = Raster(raster.samples, (f"{main.bits} bits per channel are reduced to 8", *raster.notes))
    raster = raster.noting(*first_of(getattr(image, "n_frames", 1)))
    if image.format == "WEBP":
        return raster.turned(_turned(image.info.get("exif"))), partial(of_webp, image, data)
    if image.format == "AVIF":
        raster = _clean(raster, main).turned(_turned(image.info.get("exif")))
    return raster, partial(of_boxes, image, main)


def _turned(exif: bytes | None) -> int:
    return orientation(directory_of(exif)) if exif else 1


def _png(name: str | Path, file: BinaryIO, max_pixels: int) -> tuple[Raster, Fields]:
    size_of(file)
    width, height = struct.unpack_from(">II", file.read(24), 16)
    check_size(name, width, height, max_pixels)
    png = png_read.parts(read_body(name, file, width * height))
    raster = png_read.pixels_of(name, png)
    told = png_read.metadata_of(png)  # which goes on where a chunk is broken
    return raster.turned(_turned(told.get("exif"))), partial(plain, told)


def _bmp(name: str | Path, file: BinaryIO, max_pixels: int) -> tuple[Raster, Fields]:
    head = bmp.head_of(file)
    check_size(name, head.width, head.height, max_pixels)
    raster, fields = bmp.read_bmp(name, read_body(name, file, head.width * head.height), head)
    return raster, partial(plain, fields)


def _clean(raster: Raster, main: Main) -> Raster:
    """Cut a picture to its clean aperture, which libavif leaves to its callers."""
    if main.clap is None:
        return raster
    height, width = raster.samples.shape[:2]
    wide, wide_by, high, high_by, right, right_by, down, down_by = main.clap
    if not all((wide_by, high_by, right_by, down_by)):
        return raster
    across, along = wide / wide_by, high / high_by
    left = (width - across) / 2 + right / right_by
    top = (height - along) / 2 + down / down_by
    inside = min(left, top) >= 0 and left + across <= width and top + along <= height
    if not inside or min(across, along) < 1:
        return raster
    rows, columns = slice(round(top), round(top + along)), slice(round(left), round(left + across))
    return Raster(raster.samples[rows, columns], raster.notes, raster.keeps_icc)
