"""Write picture files of every format: whole or not at all."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from restorekit.errors import ImageError
from restorekit.images.formats import Format, format_of, missing_codec, true_format
from restorekit.images.picture import Array, Picture, to_8_bit
from restorekit.images.writers import WORDS, encode, holdable
from restorekit.whole import write_whole


def write(path: str | Path, picture: Picture) -> tuple[str, ...]:
    """Write a picture in the format that the name's ending says, replacing a file of that name at one stroke.

    A picture whose own name says another format than it has (a PNG called .jpg) stays in its own, where it is
    written to a name of the same ending.

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
    notes: list[str] = []
    if picture.kind and Path(picture.name).suffix.lower() == path.suffix.lower():
        own = true_format(picture.kind)
        if own is not target:
            target = own
            notes.append(f"is written as {own.name}, which it is in spite of its name")
    hint = missing_codec(target.kind, writing=True)
    if hint:
        raise ImageError(f"{path}: writing {target.name} needs another package", hint)
    if picture.alpha is not None and "alpha" not in target.holds:
        raise ImageError(
            f"{path}: {target.name} has no transparency, the picture has", "write .png, .webp or .tif"
        )
    if picture.pixels.dtype == np.uint16 and "16 bit" not in target.holds:
        notes.append(f"{target.name} cannot hold 16 bits per channel, which are reduced to 8")
        alpha = None if picture.alpha is None else to_8_bit(picture.alpha)
        picture = replace(picture, pixels=to_8_bit(picture.pixels), alpha=alpha)
    picture, lost = holdable(picture, target)
    data, broken = _encoded(path, picture, target)
    try:
        write_whole(path, data)
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ImageError(f"{path}: {reason}", "check its folder's permissions and space") from None
    return (*lost, *notes, *broken)


def write_rgb(path: str | Path, pixels: Array) -> None:
    """Write H,W,3 uint8 RGB as `write` does, with the same errors."""
    write(path, Picture(pixels))


def _encoded(path: Path, picture: Picture, target: Format) -> tuple[bytes, list[str]]:
    """Encode a picture; metadata that an encoder does not take costs itself alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of EXIF that was damaged before
        try:
            return encode(picture, target), []
        except Exception as error:  # encoders raise many kinds, also on sizes that they do not take
            picture, broken = _without_broken(picture, target)
            try:
                if not broken:
                    raise error
                return encode(picture, target), broken
            except Exception as last:
                reason = " ".join(str(last).split()) or type(last).__name__
                raise ImageError(f"{path}: {target.name} cannot hold it ({reason})", "write .png") from None


def _without_broken(picture: Picture, target: Format) -> tuple[Picture, list[str]]:
    """Leave out each field that the encoder does not take with a small picture."""
    small = Picture(np.zeros((64, 64, 3), picture.pixels.dtype), grey=picture.grey, full=picture.full)
    broken = []
    for name, word in WORDS.items():
        try:
            encode(replace(small, **{name: getattr(picture, name)}), target)
        except Exception:
            picture = replace(picture, **{name: getattr(small, name)})
            broken.append(f"the {word} is broken, and left out")
    return picture, broken
