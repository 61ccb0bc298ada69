"""Decode a page of a TIFF file by tifffile, a strip or tile at a time, so that it takes little beside the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.colours import cmyk_to_rgb
from restorekit.images.levels import Levels, OutOfRange
from restorekit.images.picture import Array, to_8_bit
from restorekit.images.raster import Raster, unassociated

if TYPE_CHECKING:
    from tifffile import TiffPage

WHITE_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 2, 3, 5, 6
CHANNELS = {WHITE_IS_ZERO: 1, 1: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, 8: 3}
"""Of colours, by the photometric interpretation."""

UNSPECIFIED, MULTIPLIED, TRANSPARENT = 0, 1, 2
"""What a further channel is."""

PLANES = 2
_JPEG = (6, 7)
_READ_AHEAD = 2**24
_SMALL = 2**14
"""Values of a strip or tile that one thread decodes before another one is asked."""


class UnknownKind(Exception):
    """A kind of page that a library does not know."""


def by_tifffile(name: str | Path, page: TiffPage, bits: int) -> Raster:
    """Decode a page, which is not turned.

    Raises:
        ImageError: Its floating-point values are no colours.
        UnknownKind: Its numbers or its compression are not known here.
        Exception: Of any kind, where it is damaged.
    """
    if page.dtype is None or page.dtype.kind not in "buf" or isinstance(page.bitspersample, tuple):
        raise UnknownKind
    colours = CHANNELS[page.photometric]
    extra = page.extrasamples[0] if page.extrasamples else TRANSPARENT
    alpha = page.samplesperpixel > colours and extra in (MULTIPLIED, TRANSPARENT)
    if page.photometric in (PALETTE, CMYK, YCBCR):
        alpha = False
    used = colours + alpha
    levels = Levels(page.dtype, bits)
    if page.photometric == PALETTE:
        if bits > 8:
            raise UnknownKind
        levels = Levels(np.dtype(np.uint8), 8)  # they are places in the palette
    samples = _assembled(name, page, used, levels)
    notes = list(levels.notes)
    if alpha and extra == MULTIPLIED:
        samples = unassociated(samples)
    if page.samplesperpixel > used and not (page.photometric == RGB and extra == UNSPECIFIED and used == 3):
        notes.append(f"only {used} of {page.samplesperpixel} channels are read")
    if page.photometric == WHITE_IS_ZERO:
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    raster = Raster(samples, tuple(notes))
    return _converted(page, raster, bits)


def _assembled(name: str | Path, page: TiffPage, used: int, levels: Levels) -> Array:
    samples = np.zeros((page.imagelength, page.imagewidth, used), levels.dtype)
    workers = (
        1 if samples.size < _SMALL * len(page.dataoffsets) else None
    )  # threads take longer over small parts
    try:
        for part, (plane, _, top, left, _), _ in page.segments(buffersize=_READ_AHEAD, maxworkers=workers):
            if part is None or plane >= used:
                continue
            place = samples[top : top + part.shape[1], left : left + part.shape[2]]
            numbers = part[0, : place.shape[0], : place.shape[1]]
            if page.planarconfig == PLANES:
                levels.put(numbers[..., 0], place[..., plane])
            else:
                levels.put(numbers[..., :used], place)
    except OutOfRange as error:
        raise ImageError(
            f"{name}: has floating-point values of {error}", "scale them to 0 to 1 first"
        ) from None
    except (NotImplementedError, KeyError, ImportError):
        raise UnknownKind from None
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        raise UnknownKind from None
    return samples


def _converted(page: TiffPage, raster: Raster, bits: int) -> Raster:
    """Bring colours that are not grey or RGB to RGB."""
    if page.photometric == PALETTE:
        table = np.asarray(page.colormap)  # of 16 bits, though often only 8 of them are meant
        if table.ndim != 2 or len(table) != 3:
            raise ValueError("its palette is broken")
        table = (table if table.max() < 256 else table >> 8).astype(np.uint8)
        pixels = np.ascontiguousarray(table.T)[raster.samples[..., 0]]
        return Raster(pixels, raster.notes).noting("palette colours are written as full colours")
    if page.photometric == CMYK:
        reduced = [f"{bits} bits per channel are reduced to 8"] if raster.samples.dtype != np.uint8 else []
        image = Image.fromarray(to_8_bit(raster.samples), "CMYK")
        icc = page.tags.valueof(34675)
        image.info["icc_profile"] = icc if isinstance(icc, bytes) else None
        rgb, note = cmyk_to_rgb(image)
        return Raster(np.array(rgb), (*reduced, *raster.notes, note), keeps_icc=False)
    if page.photometric == YCBCR and page.compression not in _JPEG:  # of which RGB is made by its decoder
        if raster.samples.dtype != np.uint8:
            raise UnknownKind
        rgb = Image.fromarray(raster.samples, "YCbCr").convert("RGB")
        return Raster(np.array(rgb), raster.notes).noting("YCbCr is converted to RGB")
    return raster
