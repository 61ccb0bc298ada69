"""A closer look at a large face: a second window, finer than the network's geometry, and what both looks make."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from restorekit import Array

_ROOM = 0.18
"""Blur in the closer window, in sides of the kernel: the standard deviation of what fits well into that."""

_CLOSEST = 3.0
"""How many times as large as the geometry a closer window is at most."""

_STEP = 0.125
"""Sides of closer windows differ by this part of the geometry's."""

_KEPT = 0.75
"""Share of the first result in what both windows show."""


def closer_size(size: int, scale: float, facts: Mapping[str, Any]) -> int | None:
    """Return the side of the window in which more of a face can be restored, if there is one.

    A network that estimates kernels up to some size undoes the more, the finer a picture is, as long as the blur
    fits in. So a face is looked at closer up to the photo's own resolution, or until its blur fills a good part
    of the kernel.

    Args:
        size: Side of the first window.
        scale: Pixels of that for one of the photo.
        facts: What the restorer says of the first window: ``kernel``, and its standard deviation ``kernel_blur``.
    """
    if "kernel" not in facts or "kernel_blur" not in facts:
        return None
    room = _ROOM * len(facts["kernel"]) / max(facts["kernel_blur"], 1e-3)
    steps = math.floor(min(1 / scale, room, _CLOSEST) / _STEP)
    return round(steps * _STEP * size) if steps * _STEP > 1 else None


def combined(first: Array, closer: Array) -> Array:
    """Return what both looks change, in the closer window.

    The network knows faces of the geometry's size best, so what the first window shows is mostly its result; what is
    finer than that comes from the closer one alone.

    Args:
        first: S,S,3: the change in the first window.
        closer: T,T,3 with T > S: the change in the closer one.
    """
    import cv2

    size = (len(first), len(first))
    apart = first - cv2.resize(closer, size, interpolation=cv2.INTER_AREA)
    larger = cv2.resize(apart, (len(closer), len(closer)), interpolation=cv2.INTER_CUBIC)
    change: Array = closer + _KEPT * larger
    return change
