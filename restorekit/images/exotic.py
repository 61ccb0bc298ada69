"""TIFF files that Pillow reads not at all, or not as they are: other numbers, deep planes, more channels."""

from __future__ import annotations

import logging
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.exif import ORIENTATION, upright
from restorekit.images.opening import TIFF, check_size, damaged
from restorekit.images.picture import Array
from restorekit.images.raster import Raster, first_of

if TYPE_CHECKING:
    from tifffile import TiffPage

_WHITE_IS_ZERO = 0
_CHANNELS = {_WHITE_IS_ZERO: 1, 1: 1, 2: 3}
"""Of colours, by the photometric interpretation: grey, grey, RGB."""
_ALPHA = (1, 2)
_PLANES = 2


def exotic_page(name: str | Path, data: bytes) -> TiffPage | None:
    """Give the first page of a file of such a kind, not decoded; None for any other file.

    Raises:
        ImageError: It is a TIFF file that ends too early.
        Exception: Of any kind, where its directory is damaged.
    """
    if data[:4] not in TIFF:
        return None
    from tifffile import TiffFile, TiffPage

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it logs is told as an error
    page = TiffFile(BytesIO(data)).pages[0]
    assert isinstance(page, TiffPage)
    pieces = zip(page.dataoffsets, page.databytecounts, strict=False)
    if max((offset + length for offset, length in pieces), default=0) > len(data):
        raise damaged(name, EOFError("its end is missing"))  # libtiff has its own words for it, on stderr
    bits, samples = int(np.max(page.bitspersample)), page.samplesperpixel
    usual = page.sampleformat == 1 and bits in (1, 2, 4, 8, 16)
    if bits == 16 and (samples == 2 or (samples > 2 and page.planarconfig == _PLANES)):
        usual = False  # the one OpenCV reduces to 8 bits, the other it scrambles
    return None if usual and samples <= _CHANNELS.get(page.photometric, samples) + 1 else page


def rasterise_exotic(
    name: str | Path, data: bytes, page: TiffPage, max_pixels: int
) -> tuple[Raster, Image.Exif]:
    """Decode such a page and turn it upright.

    Args:
        name: What to call it in an error.
        data: The whole file.
        page: From `exotic_page`.
        max_pixels: The largest width times height that is let pass.

    Returns:
        Its samples, and its directory.

    Raises:
        ImageError: It has too many pixels, or holds what is no picture.
        Exception: Of any kind, where it is damaged.
    """
    check_size(name, page.imagewidth, page.imagelength, max_pixels)
    colours = _CHANNELS.get(page.photometric)
    if colours is None or page.dtype is None or page.dtype.kind not in "uf" or page.imagedepth > 1:
        kind = f"{page.samplesperpixel} channels of {page.dtype or 'unknown'} numbers"
        raise ImageError(f"{name}: a TIFF with {kind} cannot be read", "convert it to 16-bit RGB first")
    try:
        values = page.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        kind = getattr(page.compression, "name", "this")
        raise ImageError(
            f"{name}: {kind} compression of this kind of TIFF cannot be read", "save it uncompressed"
        ) from None
    if values.ndim == 3 and page.planarconfig == _PLANES:  # one plane after the other
        values = np.moveaxis(values, 0, 2)
    samples, notes = _deep(name, values.reshape(page.imagelength, page.imagewidth, -1), page)
    used = colours + (page.extrasamples[:1] != () and page.extrasamples[0] in _ALPHA)
    if samples.shape[2] > used:
        notes.append(f"only {used} of {samples.shape[2]} channels are read")
    if page.photometric == _WHITE_IS_ZERO:
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    notes += first_of(len(page.parent.pages))
    directory = Image.Exif()
    with suppress(Exception):  # it takes no BigTIFF
        directory.load(data)
    turned = int(directory.get(ORIENTATION, 1))
    return Raster(upright(samples[..., :used], turned), tuple(notes)), directory


def _deep(name: str | Path, values: Array, page: TiffPage) -> tuple[Array, list[str]]:
    """Bring numbers of any kind to uint16; those of 8 and 16 bits stay as they are."""
    bits = int(np.max(page.bitspersample))
    if values.dtype.kind == "u":
        if bits in (8, 16):
            return values.astype(values.dtype.newbyteorder("=")), []
        deep = (values * (65535 / (2.0**bits - 1))).round().astype(np.uint16)
        return deep, [f"{bits} bits per channel are written as 16"]
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= 1):  # also where there is a value that is no number
        raise ImageError(
            f"{name}: has floating-point values of {low:g} to {high:g}", "scale them to 0 to 1 first"
        )
    deep = (values.astype(np.float64) * 65535).round().astype(np.uint16)
    return deep, ["floating-point values are written as 16 bits, 1.0 as 65535"]
