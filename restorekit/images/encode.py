"""Write PNG, JPEG and WebP files: whole or not at all."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images.picture import Array, Picture
from restorekit.whole import write_whole

_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WEBP", {"quality": 95}),
}

SUFFIXES = tuple(_FORMATS)
"""The file name endings that can be read and written, in lower case."""


def write(path: str | Path, picture: Picture) -> None:
    """Write a picture in the format that the name's ending says, replacing a file of that name at one stroke.

    Args:
        path: Ends in one of `SUFFIXES`; its folder is made if there is none.
        picture: What to write.

    Raises:
        ImageError: The ending is none of these, the format cannot hold the picture, or the folder cannot be
            written; whatever was at ``path`` is then as it was.
    """
    path = Path(path)
    data = _encode(path, picture)
    try:
        write_whole(path, data)
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ImageError(f"{path}: {reason}", "check its folder's permissions and space") from None


def write_rgb(path: str | Path, pixels: Array) -> None:
    """Write H,W,3 uint8 RGB as `write` does, with the same errors."""
    write(path, Picture(pixels))


def _encode(path: Path, picture: Picture) -> bytes:
    if path.suffix.lower() not in _FORMATS:
        raise ImageError(f"{path}: cannot write this kind of file", f"end the name in {', '.join(SUFFIXES)}")
    kind, options = _FORMATS[path.suffix.lower()]
    if kind == "JPEG" and picture.alpha is not None:
        raise ImageError(f"{path}: JPEG has no transparency, the picture has", "write .png or .webp")
    metadata = {"icc_profile": picture.icc, "exif": picture.exif, "dpi": picture.dpi}
    channels = picture.pixels[..., :1] if picture.grey else picture.pixels
    if picture.alpha is not None:
        channels = np.concatenate([channels, picture.alpha[..., None]], axis=2)
    image = Image.fromarray(channels.squeeze(axis=2) if channels.shape[2] == 1 else channels)
    stream = BytesIO()
    try:
        image.save(stream, kind, **options, **{key: value for key, value in metadata.items() if value})
    except (OSError, ValueError) as error:
        raise ImageError(f"{path}: {kind} cannot hold it ({error})", "write .png") from None
    return stream.getvalue()
