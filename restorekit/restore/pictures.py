"""Restore pictures in a framing: look, decide, restore, put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import ImageError
from restorekit.framing import Part, View
from restorekit.images import Picture
from restorekit.images.hidden import visible, with_own_hidden
from restorekit.restore.enlarge import enlarged
from restorekit.restore.steady import Steady
from restorekit.restore.tiles import Progress

if TYPE_CHECKING:
    from restorekit.contracts import Array

BATCH_PIXELS = 2**18
"""Pixels of one batch of equal windows: 16 crops of 128 x 128."""

Look = Callable[["Array"], View]
"""What a framing built: it gives the view of a picture's pixels."""

Zoom = tuple[int, int, int, int]
"""x, y, width and height in whole pixels."""


@dataclass(frozen=True)
class Restored:
    """What became of a picture.

    Attributes:
        picture: The picture, its colours rounded to the depth that it had; the very same one if it was left alone.
        changed: Whether anything of it was restored.
        parts: What the framing looked for and found, and what was decided; None if nobody looked.
        notes: What was restored and what not, for the user.
    """

    picture: Picture
    changed: bool
    parts: tuple[Part, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def kernels(self) -> list[Array]:
        """The blur kernels that the restorer estimated of the parts, or of their tiles: K,K float32 each."""
        told = [part.facts for part in self.parts or ()]
        each = [tile for facts in told for tile in facts.get("tiles", [facts])]
        return [np.array(facts["kernel"], np.float32) for facts in each if "kernel" in facts]

    @property
    def zoom(self) -> Zoom | None:
        """The largest part that was restored."""
        boxes = [part.box for part in self.parts or () if not part.left]
        if not boxes:
            return None
        x, y, wide, high = (round(side) for side in max(boxes, key=lambda box: box[2] * box[3]))
        return x, y, wide, high


def restore_pictures(
    steady: Steady, pictures: Sequence[Picture], look: Look, progress: Progress | None = None
) -> list[Restored]:
    """Restore the colours of pictures; transparency and metadata stay as they are.

    Windows of one size are restored as a batch, those of several pictures too.

    Args:
        steady: What restores.
        pictures: Of one size, type and greyness, each side at least 16 pixels. Grey ones come out grey.
        look: What gives the view of each.
        progress: Told of every tile.

    Raises:
        RestorekitError: The framing lacks something.
        ImageError: Memory does not suffice for pictures of this size, or values are not finite.
    """
    views = [look(visible(picture)) for picture in pictures]
    decided = [view.decide(view.parts) for view in views]
    wanted = [
        window
        for view, parts in zip(views, decided, strict=True)
        for window, part in zip(view.windows, parts, strict=True)
        if not part.left
    ]
    with _naming(pictures[0]):
        steady.note = ""
        windows = iter(list(_windows(steady, wanted, pictures[0].grey, progress)))
    return [
        _put_back(steady, picture, view, parts, [None if part.left else next(windows) for part in parts])
        for picture, view, parts in zip(pictures, views, decided, strict=True)
    ]


def _windows(
    steady: Steady, windows: Sequence[Array], grey: bool, progress: Progress | None
) -> Iterator[Array]:
    for group in _alike(windows):
        stack = np.stack(group) if len(group) > 1 else group[0][None]  # a large one is not copied
        yield from steady.pixels(stack, grey, progress)


def _alike(windows: Sequence[Array]) -> Iterator[list[Array]]:
    group: list[Array] = []
    for window in windows:
        most = max(BATCH_PIXELS // (window.size // 3), 1)
        if group and (len(group) == most or (window.shape, window.dtype) != (group[0].shape, group[0].dtype)):
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def _put_back(
    steady: Steady, picture: Picture, view: View, parts: Sequence[Part], windows: Sequence[Array | None]
) -> Restored:
    """Ask the restorer what it says of each part, decide once more, and put back what is restored."""
    facts = [
        None if each is None else steady.examine(view.windows[i], each) for i, each in enumerate(windows)
    ]
    if any(facts):
        told = [
            replace(part, facts={**part.facts, **(fact or {})})
            for part, fact in zip(parts, facts, strict=True)
        ]
        parts = [
            replace(part, left=part.left or before.left)
            for part, before in zip(view.decide(told), parts, strict=True)
        ]
    parts = [
        part
        if part.left or made is None or not np.array_equal(made, seen)
        else replace(part, left=_why(part))
        for part, made, seen in zip(parts, windows, view.windows, strict=True)
    ]
    windows = [None if part.left else window for part, window in zip(parts, windows, strict=True)]
    changed = any(window is not None for window in windows)
    if changed:
        pixels = with_own_hidden(picture, view.put_back(windows))
        alpha = None if picture.alpha is None else enlarged(picture.alpha, len(pixels) // len(picture.pixels))
        picture = replace(picture, pixels=pixels, alpha=alpha)
    notes = (*view.notes(parts), steady.note) if changed and steady.note else view.notes(parts)
    return Restored(picture, changed, view.report(parts), notes)


def _why(part: Part) -> str:
    """Say why a restorer changed nothing of a part."""
    return str(part.facts.get("left", "nothing to restore"))


@contextmanager
def _naming(picture: Picture) -> Iterator[None]:
    """Put the picture's name before an error that knows none."""
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{picture.name}: {error.message}", error.hint) from None
