"""Write picture files of every format: whole or not at all."""

from __future__ import annotations

import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.formats import Format, format_of, missing_codec
from restorekit.images.picture import Array, Picture, to_8_bit
from restorekit.images.png import encode_deep_png, png_options
from restorekit.images.tiff import encode_tiff
from restorekit.whole import write_whole

_WORDS = {"icc": "colour profile", "exif": "EXIF", "xmp": "XMP", "dpi": "resolution", "text": "text"}
_JPEG_SEGMENT = 65_500


def write(path: str | Path, picture: Picture) -> tuple[str, ...]:
    """Write a picture in the format that the name's ending says, replacing a file of that name at one stroke.

    Args:
        path: Ends in one of `SUFFIXES`; its folder is made if there is none.
        picture: What to write.

    Returns:
        What of the picture the format cannot hold, a sentence each.

    Raises:
        ImageError: The ending is none of these, its codec is missing, the format cannot hold the picture, or
            the folder cannot be written; whatever was at ``path`` is then as it was.
    """
    path = Path(path)
    target = format_of(path)
    hint = missing_codec(target.kind, writing=True)
    if hint:
        raise ImageError(f"{path}: writing {target.name} needs another package", hint)
    if picture.alpha is not None and "alpha" not in target.holds:
        raise ImageError(
            f"{path}: {target.name} has no transparency, the picture has", "write .png, .webp or .tif"
        )
    picture, notes = _held(picture, target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of EXIF that was damaged before
            data = _encode(picture, target)
    except Exception as error:  # encoders raise many kinds on sizes that they do not take
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(f"{path}: {target.name} cannot hold it ({reason})", "write .png") from None
    try:
        write_whole(path, data)
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ImageError(f"{path}: {reason}", "check its folder's permissions and space") from None
    return notes


def write_rgb(path: str | Path, pixels: Array) -> None:
    """Write H,W,3 uint8 RGB as `write` does, with the same errors."""
    write(path, Picture(pixels))


def _held(picture: Picture, target: Format) -> tuple[Picture, tuple[str, ...]]:
    """Leave out of a picture what the format cannot hold, and say it."""
    nothing, notes, lost = Picture(picture.pixels), [], []
    for name, word in _WORDS.items():
        value = held = getattr(picture, name)
        if name == "text" and target.kind == "JPEG":
            held = {key: line for key, line in value.items() if key == "Comment"}
        elif name not in target.holds or (target.kind == "JPEG" and name in ("exif", "xmp") and _long(value)):
            held = getattr(nothing, name)
        if held != value:
            lost.append(word)
            picture = replace(picture, **{name: held})
    if lost:
        notes.append(f"{target.name} cannot hold the {', '.join(lost)}")
    if picture.pixels.dtype == np.uint16 and "16 bit" not in target.holds:
        notes.append(f"{target.name} cannot hold 16 bits per channel, which are reduced to 8")
        alpha = None if picture.alpha is None else to_8_bit(picture.alpha)
        picture = replace(picture, pixels=to_8_bit(picture.pixels), alpha=alpha)
    return picture, tuple(notes)


def _long(value: bytes | None) -> bool:
    return value is not None and len(value) > _JPEG_SEGMENT


def _encode(picture: Picture, target: Format) -> bytes:
    if target.kind == "TIFF":
        return encode_tiff(picture)
    if picture.pixels.dtype == np.uint16:
        return encode_deep_png(picture)
    if target.kind == "PNG":
        options = png_options(picture)
    else:
        told = {"icc_profile": picture.icc, "exif": picture.exif, "xmp": picture.xmp, "dpi": picture.dpi}
        told["comment"] = picture.text.get("Comment", "").encode()
        options = {key: value for key, value in told.items() if value}
    options |= picture.encoding.get(target.kind, target.options)
    samples = picture.samples
    stream = BytesIO()
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    image.save(stream, target.kind, **options)
    return stream.getvalue()
