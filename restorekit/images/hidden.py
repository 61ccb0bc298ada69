"""Colours that nobody sees, under an alpha of zero: filled for who restores the others, and put back after."""

from __future__ import annotations

import numpy as np

from restorekit.images.picture import Array, Picture


def visible(picture: Picture) -> Array:
    """Give the pixels with every hidden one filled from the visible ones around it.

    A cut-out often has black or rubbish there, which a network would spread over the edge of what is seen. Each
    hidden pixel takes the mean of the visible ones in the smallest square about it that has any, of sides 2, 4, 8
    and so on.

    Returns:
        H,W,3 of the same type; the picture's own array where nothing is hidden, or nothing is seen.
    """
    hidden = _hidden(picture)
    if hidden is None or hidden.all():
        return picture.pixels
    filled = picture.pixels.copy()
    filled[hidden] = _spread(picture.pixels, ~hidden)[hidden]
    return filled


def with_own_hidden(picture: Picture, pixels: Array) -> Array:
    """Put the hidden colours of a picture into pixels that were made of it; those of another size stay."""
    hidden = _hidden(picture)
    if hidden is None or pixels.shape != picture.pixels.shape:
        return pixels
    return np.where(hidden[..., None], picture.pixels, pixels)


def _hidden(picture: Picture) -> Array | None:
    if picture.alpha is None:
        return None
    hidden = picture.alpha == 0
    return hidden if hidden.any() else None


def _spread(pixels: Array, seen: Array) -> Array:
    """Give means of what is seen for all pixels, by halving the picture again and again and coming back."""
    sums = [np.dstack([pixels * seen[..., None], seen]).astype(np.float32)]
    while not sums[-1][..., 3].all():
        sums.append(_halved(sums[-1]))
    means = sums[-1]
    for finer in reversed(sums[:-1]):
        height, width = finer.shape[:2]
        coarse = means.repeat(2, axis=0)[:height].repeat(2, axis=1)[:, :width]
        means = np.where(finer[..., 3:] > 0, finer, coarse)
    return (means[..., :3] / means[..., 3:]).round().astype(pixels.dtype)


def _halved(sums: Array) -> Array:
    height, width = sums.shape[:2]
    even = np.pad(sums, ((0, height % 2), (0, width % 2), (0, 0)))
    return np.asarray(even.reshape(len(even) // 2, 2, -1, 2, 4).sum(axis=(1, 3)))
