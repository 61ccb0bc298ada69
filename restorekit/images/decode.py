"""Read picture files of every format."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from restorekit.errors import ImageError
from restorekit.images import metadata
from restorekit.images.exotic import exotic_page, rasterise_exotic
from restorekit.images.opening import AGAIN, MAX_PIXELS, damaged, open_image
from restorekit.images.picture import Array, Picture, to_8_bit
from restorekit.images.raster import rasterise

SIDE_MIN = 16
"""Below this a picture has nothing to restore, and reflection cannot widen it."""


def read(path: str | Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture with its transparency and metadata, turned upright as its EXIF orientation says.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, AVIF or HEIC file.
        max_pixels: The largest width times height that is decoded.

    Returns:
        The picture at 8 or 16 bits per channel, as the file has it; its ``notes`` say what reading changed.

    Raises:
        ImageError: The file is missing, unreadable, no picture, damaged, or has too many pixels or a side
            below 16.
    """
    data = _read_bytes(path)
    with _decoding(path):
        page = exotic_page(path, data)
        if page is None:
            image = open_image(path, data, max_pixels)
            raster = rasterise(path, data, image)
            fields = metadata.of_image(image, data)
        else:
            raster, directory = rasterise_exotic(path, data, page, max_pixels)
            fields = metadata.of_directory(directory)
    height, width, channels = raster.samples.shape
    if min(height, width) < SIDE_MIN:
        raise ImageError(f"{path}: {width} x {height} pixels", f"each side must have at least {SIDE_MIN}")
    if not raster.keeps_icc:
        fields["icc"] = None
    return Picture(
        pixels=_rgb(raster.samples),
        alpha=raster.samples[..., -1] if channels in (2, 4) else None,
        grey=channels <= 2,
        notes=raster.notes,
        name=str(path),
        **fields,
    )


def read_rgb(path: str | Path) -> Array:
    """Read only the colours of a picture of any size, turned upright and reduced to 8 bits.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, AVIF or HEIC file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: The file is missing, unreadable, no picture, damaged or has too many pixels.
    """
    return decode_rgb(path, _read_bytes(path))


def decode_rgb(name: str | Path, data: bytes) -> Array:
    """Decode only the colours of a picture of any size, turned upright and reduced to 8 bits.

    Args:
        name: What to call it in an error.
        data: A PNG, JPEG, WebP, TIFF, BMP, AVIF or HEIC file.

    Returns:
        H,W,3 uint8 RGB; transparency is ignored.

    Raises:
        ImageError: It is no picture, damaged, or has too many pixels.
    """
    with _decoding(name):
        page = exotic_page(name, data)
        if page is None:
            raster = rasterise(name, data, open_image(name, data, MAX_PIXELS))
        else:
            raster, _ = rasterise_exotic(name, data, page, MAX_PIXELS)
    return to_8_bit(_rgb(raster.samples))


@contextmanager
def _decoding(name: str | Path) -> Iterator[None]:
    """Turn whatever a decoder raises on damaged bytes into one error, and let none of them warn beside it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ImageError:
            raise
        except Exception as error:
            raise damaged(name, error) from error


def _read_bytes(path: str | Path) -> bytes:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file", "check the path") from None
    except IsADirectoryError:
        raise ImageError(f"{path}: is a folder", "name a picture in it") from None
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None
    if not data:
        raise ImageError(f"{path}: is empty (0 bytes)", AGAIN)
    return data


def _rgb(samples: Array) -> Array:
    """Give H,W,3 of H,W,C samples."""
    colours = samples[..., :3] if samples.shape[2] > 2 else np.repeat(samples[..., :1], 3, axis=2)
    return np.ascontiguousarray(colours)
