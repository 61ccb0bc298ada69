"""What a stack of degradations leaves of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from restorekit.contracts import Degradation


def consumed(degradations: Sequence[Degradation]) -> int:
    """Return the border on each side that all consume together, in pixels of the sharp image."""
    margin = 0
    for degradation in reversed(degradations):
        margin = degradation.margin + degradation.scale * margin
    return margin


def shrinkage(degradations: Sequence[Degradation]) -> int:
    """Return by how much all together shrink each side of an image."""
    return math.prod(degradation.scale for degradation in degradations)
