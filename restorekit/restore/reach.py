"""How far around a pixel a restorer really looks: less far than a network with many layers could."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from restorekit.contracts import Restorer

if TYPE_CHECKING:
    from restorekit.contracts import Array

SEEN = 0.5 / 255
"""A difference below this is none; half a grey level, so that other pictures stay under a whole one."""

NEAR = 128
"""A declared margin up to this is taken as it is: measuring would cost as much as it saves."""

_CONTEXT, _DEEPEST, _PROBES = 192, 256, 2


@lru_cache(maxsize=4)
def effective_reach(restorer: Restorer) -> int | None:
    """Find at what distance from a cut a restorer no longer notices it, by cutting drawn pictures.

    The same pictures are restored whole and without what lies above and left of a cut; the answer is the distance, in
    pixels, from which on they differ by less than half a grey level. It is the same each time for the same restorer.

    Returns:
        At most what the restorer declares as its margin. None if it declares none, and still notices the cut where the
        pictures end: what it gives depends on the whole picture.
    """
    margin, multiple = restorer.footprint.margin, restorer.footprint.size_multiple
    scale = restorer.footprint.scale
    if margin is not None and margin <= NEAR:
        return margin
    cut = -(-_CONTEXT // multiple) * multiple
    pictures = np.stack([dead_leaves(cut + _DEEPEST, seed) for seed in range(_PROBES)])
    whole = restorer.restore_arrays(pictures)[:, cut * scale :, cut * scale :]
    part = restorer.restore_arrays(np.ascontiguousarray(pictures[:, cut:, cut:]))
    off = np.abs(whole - part).max(axis=(0, 3))
    noticed = np.argwhere(~(off < SEEN)).min(axis=1)  # distance of each such pixel to the nearer cut
    reach = -(-(int(noticed.max(initial=-1)) + 1) // scale)
    if margin is None:
        return reach if reach < _DEEPEST else None
    return min(reach, margin)


def dead_leaves(side: int, seed: int, blur: int = 9) -> Array:
    """Draw a picture with edges at all scales, as photos have them: discs that hide each other, then a box blur.

    The model is Matheron's, with radii after Lee, Mumford and Huang, IJCV 2001. Blurred ones are the hardest: where a
    network has much to restore it looks furthest.

    Returns:
        side,side,3 float32 in [0, 1].
    """
    rng = np.random.default_rng(seed)
    wide = side + blur - 1
    picture = np.empty((wide, wide, 3), np.float32)
    picture[:] = rng.random(3)
    for _ in range(600):
        radius = int(min(2 + 4 * rng.pareto(2), wide / 4))
        y, x = rng.integers(0, wide, 2)
        top, left = max(y - radius, 0), max(x - radius, 0)
        rows, columns = np.ogrid[top : y + radius + 1, left : x + radius + 1]
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        place = picture[top : y + radius + 1, left : x + radius + 1]
        place[inside[: len(place), : place.shape[1]]] = rng.random(3)
    for axis in (0, 1):
        picture = np.lib.stride_tricks.sliding_window_view(picture, blur, axis).mean(axis=-1)
    return np.ascontiguousarray(picture, np.float32)
