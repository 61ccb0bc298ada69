"""From what a library decodes to samples, at the depth that the file has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.colours import cmyk_to_rgb
from restorekit.images.exif import upright
from restorekit.images.picture import Array

_DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N")
_CONVERTED = {
    "1": "black and white is written as grey",
    "P": "palette colours are written as full colours",
    "PA": "palette colours are written as full colours",
    "YCbCr": "YCbCr is converted to RGB",
    "LAB": "L*a*b* colours are converted to sRGB",
}


@dataclass(frozen=True)
class Raster:
    """What is decoded of a picture: H,W,C samples, uint8 or uint16 (C as in `Picture.samples`), and notes."""

    samples: Array
    notes: tuple[str, ...] = ()
    keeps_icc: bool = True

    def turned(self, orientation: int) -> Raster:
        """Turn it upright, as the EXIF orientation says."""
        return replace(self, samples=upright(self.samples, orientation))

    def noting(self, *notes: str) -> Raster:
        """Say more of it."""
        return replace(self, notes=(*self.notes, *notes))


def first_of(pictures: int) -> list[str]:
    """Say that a file of several pictures is read in part."""
    return [f"only the first of {pictures} pictures in the file is read"] if pictures > 1 else []


def as_it_is(name: str | Path, image: Image.Image) -> Raster:
    """Take the samples of a picture that Pillow decodes as it is: 8 bits, or 16 of grey."""
    if image.mode in _DEEP_MODES:
        grey = np.asarray(image).astype(np.uint16)[..., None]
        clear = image.info.get("transparency")
        if clear is None:
            return Raster(grey)
        return Raster(np.concatenate([grey, np.where(grey == clear, 0, 65535).astype(np.uint16)], axis=2))
    if image.mode == "CMYK":
        rgb, note = cmyk_to_rgb(image)
        return Raster(np.array(rgb), (note,), keeps_icc=False)
    notes = (_CONVERTED[image.mode],) if image.mode in _CONVERTED else ()
    colours = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    mode = colours + ("A" if image.has_transparency_data else "")
    try:
        samples = np.array(image if image.mode == mode else image.convert(mode))
    except ValueError:
        raise ImageError(f"{name}: {image.mode} colours cannot be read", "convert it to RGB first") from None
    return Raster(samples if samples.ndim == 3 else samples[..., None], notes, keeps_icc=image.mode != "LAB")


def unassociated(samples: Array) -> Array:
    """Undo the multiplication of colours by the alpha that is the last channel, in place."""
    top = np.iinfo(samples.dtype).max
    for row in samples:  # by rows, as the way there takes four times the memory
        alpha = np.maximum(row[:, -1:], 1).astype(np.float32)
        row[:, :-1] = np.minimum(row[:, :-1] * (top / alpha), top).round()
    return samples
