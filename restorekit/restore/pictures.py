"""Restore one picture: its faces, or the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import ImageError
from restorekit.images import Picture
from restorekit.restore.finder import FaceFinder
from restorekit.restore.steady import Steady
from restorekit.restore.tiles import Progress

if TYPE_CHECKING:
    from restorekit.restore.faces.detect import Face
    from restorekit.restore.faces.restore import Outcome

WHOLE_MOST = 4_000_000
"""Pixels of a picture without a face that is restored all the same."""

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels."""


@dataclass(frozen=True)
class Restored:
    """What became of a picture.

    Attributes:
        picture: The picture, its colours rounded to the depth that it had; the very same one if it was left alone.
        found: How many faces were found; None if nobody looked.
        restored: How many of them were restored.
        zoom: The largest face that was restored.
        notes: What was restored and what not, for the user.
    """

    picture: Picture
    found: int | None = None
    restored: int = 0
    zoom: Box | None = None
    notes: tuple[str, ...] = ()


def restore_picture(
    steady: Steady, picture: Picture, finder: FaceFinder | None = None, progress: Progress | None = None
) -> Restored:
    """Restore the colours of a picture; transparency and metadata stay as they are.

    Args:
        steady: What restores.
        picture: Each side at least 16 pixels. A grey one comes out grey.
        finder: What looks for faces; None restores the whole picture.
        progress: Told of every tile.

    Raises:
        RestorekitError: Only faces are wanted, and there is nothing to find them by or to fit them to.
        ImageError: Memory does not suffice for a picture of this size, or values are not finite.
    """
    if finder is None or not finder.needed(steady.restorer, picture.pixels):
        return restore_whole(steady, [picture], progress)[0]
    faces = finder(picture.pixels)
    if faces:
        return _restore_faces(steady, picture, faces)
    found = None if faces is None else 0
    why = "no face detector at hand (--detector names one)" if faces is None else "no face found"
    if finder.only:
        return Restored(picture, found, notes=(f"{why}, left alone",))
    height, width = picture.pixels.shape[:2]
    if height * width > WHOLE_MOST:
        size = f"{height * width / 1e6:.3g} megapixels"
        return Restored(picture, found, notes=(f"{why}, {size} left alone; --faces off restores them",))
    whole = restore_whole(steady, [picture], progress)[0]
    return replace(whole, found=found, notes=(f"{why}, the whole picture restored",))


def restore_whole(
    steady: Steady, pictures: Sequence[Picture], progress: Progress | None = None
) -> list[Restored]:
    """Restore whole pictures of one size, type and greyness as one batch, with the errors of `restore_picture`."""
    arrays = [picture.pixels for picture in pictures]
    pixels = np.stack(arrays) if len(arrays) > 1 else arrays[0][None]  # a large one is not copied
    with _naming(pictures[0]):
        restored = steady.pixels(pixels, pictures[0].grey, progress)
    pairs = zip(pictures, restored, strict=True)
    return [Restored(replace(picture, pixels=each)) for picture, each in pairs]


def _restore_faces(steady: Steady, picture: Picture, faces: Sequence[Face]) -> Restored:
    from restorekit.restore.faces.restore import restore_faces

    geometry, size = steady.restorer.footprint.geometry or {}, picture.pixels.shape[:2]
    restore = partial(steady.arrays, grey=picture.grey)
    with _naming(picture):
        made = steady.within_memory(lambda: restore_faces(picture.pixels, restore, geometry, faces), *size)
    done = [outcome for outcome in made.outcomes if outcome.restored]
    if not done:
        return Restored(picture, len(faces), notes=(_said(made.outcomes),))
    largest = max((outcome.box for outcome in done), key=lambda box: box[2] * box[3])
    x, y, wide, high = (round(side) for side in largest)
    restored = replace(picture, pixels=made.pixels)
    return Restored(restored, len(faces), len(done), (x, y, wide, high), (_said(made.outcomes),))


def _said(outcomes: Sequence[Outcome]) -> str:
    sharp = [f"{outcome.blur:.1f}" for outcome in outcomes if not outcome.restored]
    done = f"{len(outcomes) - len(sharp)} of {len(outcomes)} faces restored"
    return f"{done}; sharp already, by their blur in pixels: {', '.join(sharp)}" if sharp else done


@contextmanager
def _naming(picture: Picture) -> Iterator[None]:
    """Put the picture's name before an error that knows none."""
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{picture.name}: {error.message}", error.hint) from None
