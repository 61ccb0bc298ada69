"""Colours that are no photo, under an alpha of zero or in a plain frame: filled for restoring, and put back after."""

from __future__ import annotations

import numpy as np

from restorekit.images.picture import Array, Picture

_PLAIN, _PARTED = 3, 16
"""Levels of 255 by which a frame differs from its own colour at most, and the photo's edge from it at least."""
_ALONG = 0.7
"""Share of the edge along which it does."""


def visible(picture: Picture) -> Array:
    """Give the pixels with every hidden one, and a plain frame, filled from the photo around it.

    A cut-out often has black or rubbish there, which a network would spread over the edge of what is seen, and so
    would a frame be. Each such pixel takes the mean of the others in the smallest square about it that has any, of
    sides 2, 4, 8 and so on.

    Returns:
        H,W,3 of the same type; the picture's own array where nothing is hidden, or nothing is seen.
    """
    hidden = _hidden(picture)
    if hidden is None or hidden.all():
        return picture.pixels
    filled = picture.pixels.copy()
    filled[hidden] = _means(picture.pixels, hidden)
    return filled


def with_own_hidden(picture: Picture, pixels: Array) -> Array:
    """Put the hidden colours of a picture into pixels that were made of it; those of another size stay."""
    hidden = _hidden(picture)
    if hidden is None or pixels.shape != picture.pixels.shape:
        return pixels
    return np.where(hidden[..., None], picture.pixels, pixels)


def _hidden(picture: Picture) -> Array | None:
    """Tell which pixels are no photo; None if all are."""
    hidden = _frame(picture.pixels)
    if picture.alpha is not None and (clear := picture.alpha == 0).any():
        hidden = clear if hidden is None else clear | hidden
    return hidden


def _frame(pixels: Array) -> Array | None:
    """Find a plain frame, or bars on some sides: of one colour, and parted from the photo by a sharp straight edge.

    Sky, or the background of a product, is parted from the rest by no such edge, and blur leaves none. A frame is
    narrower than what it frames.
    """
    step = 257 if pixels.dtype == np.uint16 else 1
    height, width = pixels.shape[:2]
    for corner in (pixels[0, 0], pixels[-1, -1]):
        lines = pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]
        if not any(_near(line, corner, _PLAIN * step).all() for line in lines):
            continue
        photo = ~_near(pixels, corner, _PLAIN * step)
        rows, columns = (np.flatnonzero(photo.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return None
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        if 2 * (bottom - top) <= height or 2 * (right - left) <= width:
            continue
        parted = ~_near(pixels[top:bottom, left:right], corner, _PARTED * step)
        edges = {"top": parted[0], "bottom": parted[-1], "left": parted[:, 0], "right": parted[:, -1]}
        kept = {side: edge.mean() >= _ALONG for side, edge in edges.items()}
        inside = np.zeros((height, width), bool)
        inside[
            top if kept["top"] else 0 : bottom if kept["bottom"] else height,
            left if kept["left"] else 0 : right if kept["right"] else width,
        ] = True
        if not inside.all():
            return ~inside
    return None


def _near(values: Array, colour: Array, most: int) -> Array:
    return np.asarray((np.maximum(values, colour) - np.minimum(values, colour) <= most).all(axis=-1))


def _means(pixels: Array, hidden: Array) -> Array:
    """Give N,3 for the hidden pixels: means of the others, by halving the picture again and again and coming back."""
    sums = [_halved(np.dstack([np.where(hidden[..., None], 0, pixels), ~hidden]).astype(np.uint32))]
    while not sums[-1][..., 3].all():
        sums.append(_halved(sums[-1].astype(np.float32)))
    means = sums.pop()
    while sums:
        finer = sums.pop().astype(np.float32)
        rows, columns = (finer[..., 3] == 0).nonzero()
        finer[rows, columns] = means[rows // 2, columns // 2]
        means = finer
    rows, columns = hidden.nonzero()
    found = means[rows // 2, columns // 2]
    return np.asarray((found[:, :3] / found[:, 3:]).round().astype(pixels.dtype))


def _halved(sums: Array) -> Array:
    height, width = sums.shape[:2]
    even = np.pad(sums, ((0, height % 2), (0, width % 2), (0, 0))) if height % 2 or width % 2 else sums
    half = even[::2] + even[1::2]
    return np.asarray(half[:, ::2] + half[:, 1::2])
