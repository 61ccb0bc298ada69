"""Read picture files of every format."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from restorekit.errors import ImageError
from restorekit.images.files import open_picture
from restorekit.images.limits import MAX_PIXELS
from restorekit.images.metadata import Fields
from restorekit.images.opening import HEAD, damaged, kinds_of
from restorekit.images.picture import Array, Picture, all_grey, to_8_bit
from restorekit.images.raster import Raster
from restorekit.images.readers import read_kind

SIDE_MIN = 16
"""Below this a picture has nothing to restore, and reflection cannot widen it."""


def read(path: str | Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture with its transparency and metadata, turned upright as its EXIF orientation says.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC, JPEG XL or camera raw file.
        max_pixels: The largest width times height that is decoded.

    Returns:
        The picture at 8 or 16 bits per channel, as the file has it; its ``notes`` say what reading changed.

    Raises:
        ImageError: The file is missing, no regular file, unreadable, no picture, damaged, has too many pixels or a
            side below 16, or would unfold to far more than its pixels take.
    """
    with open_picture(path) as file:
        raster, fields = _decode(path, file, max_pixels)
        height, width, channels = raster.samples.shape
        if min(height, width) < SIDE_MIN:
            raise ImageError(f"{path}: {width} x {height} pixels", f"each side must have at least {SIDE_MIN}")
        try:
            told = fields(raster)
        except Exception:  # whatever is wrong with it must not cost the picture
            told = {"notes": ("its metadata is broken, and left out",)}
    pixels = _rgb(raster.samples)
    grey = channels <= 2
    return Picture(
        pixels=pixels,
        alpha=raster.samples[..., -1] if channels in (2, 4) else None,
        grey=grey or all_grey(pixels),
        full=not grey,
        notes=(*raster.notes, *told.pop("notes", ())),
        name=str(path),
        **told,
    )


def read_rgb(path: str | Path) -> Array:
    """Read only the colours of a picture of any size, turned upright and reduced to 8 bits.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC, JPEG XL or camera raw file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: The file is missing, no regular file, unreadable, no picture, damaged or too large.
    """
    with open_picture(path) as file:
        return to_8_bit(_rgb(_decode(path, file, MAX_PIXELS)[0].samples))


def decode_rgb(name: str | Path, data: bytes) -> Array:
    """Decode only the colours of a picture of any size, turned upright and reduced to 8 bits.

    Args:
        name: What to call it in an error.
        data: A PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC, JPEG XL or camera raw file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: It is no picture, damaged or too large.
    """
    return to_8_bit(_rgb(_decode(name, BytesIO(data), MAX_PIXELS)[0].samples))


def _decode(name: str | Path, file: BinaryIO, max_pixels: int) -> tuple[Raster, Fields]:
    """Decode a file, and give what tells its metadata; whatever a library raises on damaged bytes is one error."""
    kinds = kinds_of(name, file.read(HEAD))
    with _quiet():
        try:
            return read_kind(name, file, kinds, max_pixels)
        except ImageError:
            raise
        except Exception as error:
            raise damaged(name, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Let no library warn beside an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _rgb(samples: Array) -> Array:
    """Give H,W,3 of H,W,C samples."""
    colours = samples[..., :3] if samples.shape[2] > 2 else np.repeat(samples[..., :1], 3, axis=2)
    return np.ascontiguousarray(colours)
