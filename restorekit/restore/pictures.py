"""Restore pictures in a framing: look, decide, restore, put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import ImageError
from restorekit.images import Picture
from restorekit.restore.draft import Draft, Look, Restored
from restorekit.restore.steady import Steady
from restorekit.restore.tiles import Progress

if TYPE_CHECKING:
    from restorekit.contracts import Array

BATCH_PIXELS = 2**18
"""Pixels of one batch of equal windows: 16 crops of 128 x 128."""


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
    drafts = [Draft(picture, look) for picture in pictures]
    note = compute(steady, drafts, progress)
    return [draft.put_back(None, 1.0, *note) for draft in drafts]


def compute(
    steady: Steady,
    drafts: Sequence[Draft],
    progress: Progress | None = None,
    chosen: Mapping[int, bool] | None = None,
) -> tuple[str, ...]:
    """Compute what drafts lack, and look closer where their views want it; what is there stays as it is.

    Args:
        steady: What restores.
        drafts: Of pictures as for `restore_pictures`.
        progress: Told of every tile.
        chosen: For the number of a part whether it is restored, whatever was decided.

    Returns:
        What the user should know of how it was computed.

    Raises:
        ImageError: As of `restore_pictures`.
    """
    wanted = [(draft, i) for draft in drafts for i in draft.lacks(chosen)]
    picture = drafts[0].picture
    with _naming(picture):
        steady.note = ""
        windows = [draft.windows[i] for draft, i in wanted]
        made = _windows(steady, windows, picture.grey, progress)
        for (draft, i), window, each in zip(wanted, windows, made, strict=True):
            draft.keep(i, each, steady.examine(window, each))
        closer = [
            (draft, i, window)
            for draft in drafts
            for i, window in draft.closer([i for other, i in wanted if other is draft], chosen).items()
        ]
        made = _windows(steady, [window for *_, window in closer], picture.grey, progress)
        for (draft, i, window), each in zip(closer, made, strict=True):
            draft.keep_closer(i, window, each)
    return (steady.note,) if steady.note else ()


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


@contextmanager
def _naming(picture: Picture) -> Iterator[None]:
    """Put the picture's name before an error that knows none."""
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{picture.name}: {error.message}", error.hint) from None
