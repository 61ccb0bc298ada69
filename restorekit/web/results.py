"""What is made of a photo for the screen, and for the disk."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from restorekit import images
from restorekit.images import Picture, reduced, written_ending
from restorekit.images.formats import format_of
from restorekit.images.picture import to_8_bit
from restorekit.images.writers import encode
from restorekit.restore.enlarge import enlarged
from restorekit.web.photo import Photo

_SCREEN = {"JPEG": {"quality": 97, "subsampling": 0}}
"""Encoded in a twentieth of the time that a PNG takes; what is downloaded is as exact as its format."""

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels of the photo that was brought."""


def shown(photo: Photo, side: str, box: Box | None = None, most: int = 0) -> bytes:
    """Return a part of a photo as a JPEG for a screen, without transparency, in the colours of its profile.

    Args:
        photo: Its lock is held, and it was read.
        side: before or after; after is before as long as nothing is restored.
        box: The part; None for all of it. What lies outside the photo is left out; of one
            that does so altogether all is shown.
        most: Pixels of its longest side; 0 leaves it as large as it is.
    """
    before = photo.before
    assert before is not None
    after = photo.restored.picture if photo.restored else before
    picture, scale = (after, 1) if side == "after" else (before, len(after.pixels) // len(before.pixels))
    pixels = picture.pixels
    if box is not None:
        times = len(pixels) // len(before.pixels)
        x, y, wide, high = (each * times for each in box)
        part = pixels[y : y + high, x : x + wide]
        pixels = part if part.size else pixels
    pixels = enlarged(to_8_bit(np.ascontiguousarray(pixels)), scale)
    pixels = reduced(pixels, most) if most else pixels
    kept = Picture(pixels, grey=picture.grey, full=picture.full, icc=picture.icc, encoding=_SCREEN)
    return encode(kept, format_of(Path("screen.jpg")))


def written(photo: Photo, strength: float) -> Path:
    """Return the file of a restored photo, in the format that it came in; one that was left alone keeps its very bytes.

    Args:
        photo: Its lock is held, and it is restored.
        strength: Share of the change that is made, in [0, 1].

    Raises:
        RestorekitError: It cannot be written.
    """
    if strength not in photo.written or not photo.written[strength].exists():
        assert photo.draft is not None
        restored = photo.draft.put_back(dict(photo.chosen), strength)
        for old in photo.written.values():
            shutil.rmtree(old.parent, ignore_errors=True)
        place = Path(mkdtemp(dir=photo.path.parent))
        path = place / f"{photo.path.stem}.deblurred{written_ending(photo.path)}"
        if restored.changed or not images.same_format(photo.path, path):
            images.write(path, replace(restored.picture, name=photo.name))
        else:
            shutil.copyfile(photo.path, path)
        photo.written = {strength: path}
    return photo.written[strength]
