"""Before | after in one picture, and the largest part that was restored enlarged below."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from restorekit.errors import ImageError
from restorekit.images import Picture, reduced, write_rgb
from restorekit.images.picture import Array, to_8_bit
from restorekit.restore.draft import Zoom
from restorekit.restore.enlarge import enlarged

LARGEST = 1600
"""Longest side of each half; larger pictures are reduced, as a screen would."""

SHOWN = 248
"""Side of the picture of a kernel, about, pixels."""

_AROUND = 0.25
"""What is shown around a part, in its sides."""


def kernel_picture(kernel: Array, side: int) -> Array:
    """Draw a kernel in grey, white where it is strongest, each value as a square.

    Args:
        kernel: K,K, not negative.
        side: About so many pixels wide, a multiple of K.

    Returns:
        S,S,3 uint8.
    """
    times = max(round(side / len(kernel)), 1)
    grey = np.rint(255 * kernel / max(float(kernel.max()), 1e-12)).astype(np.uint8)
    return np.repeat(grey.repeat(times, axis=0).repeat(times, axis=1)[..., None], 3, axis=-1)


def write_kernels(path: Path, kernels: Sequence[Array]) -> None:
    """Write the first kernel to ``path``, such as ``name.kernel.png``, the second to ``name.kernel-2.png``, and so on.

    Where ``path`` is replaced, the rest of an earlier run's kernels is deleted.

    Raises:
        ImageError: One cannot be written, or not be deleted.
    """
    replaced = os.path.exists(path)
    for number, kernel in enumerate(kernels, start=1):
        write_rgb(_numbered(path, number), kernel_picture(kernel, SHOWN))
    rest = map(partial(_numbered, path), itertools.count(len(kernels) + 1))
    for old in itertools.takewhile(os.path.exists, rest if replaced else ()):
        try:
            old.unlink()
        except OSError as error:
            raise ImageError(
                f"{old}: cannot be deleted ({error.strerror})", "check its folder's permissions"
            ) from None


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def before_after(
    before: Picture, after: Picture, zoom: Zoom | None = None, kernel: Array | None = None
) -> Picture:
    """Join two pictures: before | after.

    Args:
        before: The degraded picture; enlarged where the other is larger.
        after: The restored one.
        zoom: A part, which is shown again below, enlarged, where it takes less than half of the picture's width.
        kernel: The blur kernel that was estimated, which is shown in the corner.

    Returns:
        A picture of twice the width, at most 3200, with the transparency of ``after``; large ones, and those with a
        part below, have 8 bits and none.
    """
    before = replace(before, pixels=enlarged(before.pixels, len(after.pixels) // len(before.pixels)))
    height, width = before.pixels.shape[:2]
    box = None if zoom is None else around(zoom, height, width)
    if box is None and kernel is None and max(height, width) <= LARGEST:
        pixels = np.concatenate([before.pixels, after.pixels], axis=1)
        return replace(
            after, pixels=pixels, alpha=None if after.alpha is None else np.tile(after.alpha, (1, 2))
        )
    pair = [to_8_bit(picture.pixels) for picture in (before, after)]
    rows = [np.concatenate([reduced(each, LARGEST) for each in pair], axis=1)]
    if box is not None:
        half = rows[0].shape[1] // 2
        rows.append(np.concatenate([_fitted(each[box], half) for each in pair], axis=1))
    pixels = np.concatenate(rows)
    if kernel is not None:
        shown = kernel_picture(kernel, min(pixels.shape[:2]) // 5)
        corner = pixels[: len(shown), pixels.shape[1] // 2 :][:, : shown.shape[1]]
        corner[:] = shown[: len(corner), : corner.shape[1]]
    return replace(after, pixels=pixels, alpha=None, grey=False)


def around(zoom: Zoom, height: int, width: int) -> tuple[slice, slice] | None:
    """Return the rows and columns that show a part; None where it takes more than half of the picture's width."""
    x, y, w, h = zoom
    more_x, more_y = round(w * _AROUND), round(h * _AROUND)
    rows = slice(max(y - more_y, 0), min(y + h + more_y, height))
    columns = slice(max(x - more_x, 0), min(x + w + more_x, width))
    return None if 2 * (columns.stop - columns.start) > width else (rows, columns)


def _fitted(crop: Array, width: int) -> Array:
    """Repeat the pixels of a crop as often as they fit into the width, and as many rows; black on its sides."""
    crop = reduced(np.ascontiguousarray(crop), width)
    times = max(width // max(crop.shape[:2]), 1)
    large = crop.repeat(times, axis=0).repeat(times, axis=1)
    left = (width - large.shape[1]) // 2
    return np.pad(large, ((0, 0), (left, width - large.shape[1] - left), (0, 0)))
