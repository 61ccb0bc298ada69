"""Gradients as photographs have them: the piecewise prior of Shan, Jia and Agarwala 2008."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

SLOPE, BEND, OFFSET, TURN = 2.7, 6.1e-4, 5.0, 1.852
"""Of ``phi(x) = -SLOPE |x|`` up to TURN, ``-(BEND x^2 + OFFSET)`` beyond, in grey values (section 3.2, equation 6)."""


def penalty_of(values: Array) -> Array:
    """``|phi(x)|`` for each x."""
    size = np.abs(values)
    return np.where(size <= TURN, SLOPE * size, BEND * size**2 + OFFSET)


def best_gradients(
    field: Array, blurred: Array, smooth: Array, prior: float, local: float, penalty: float
) -> Array:
    """Minimise ``prior |phi(g)| + local smooth (g - blurred)^2 + penalty (g - field)^2`` for each g (equation 9).

    Each piece of phi has its own minimum, where that lies on the piece; the ends of the pieces are tried too, and the
    least is taken.

    Args:
        field: The estimate's gradients, any shape.
        blurred: Those of the blurred picture.
        smooth: 1 on smooth parts, else 0; H,W.
        prior: Of phi.
        local: Of the smooth parts.
        penalty: Of the distance from ``field``.
    """
    pull, weight = local * smooth * blurred + penalty * field, local * smooth + penalty
    outer = pull / (weight + BEND * prior)
    right, left = (pull - prior * SLOPE / 2) / weight, (pull + prior * SLOPE / 2) / weight
    tried = np.stack(
        [
            np.sign(outer) * np.maximum(np.abs(outer), TURN),
            np.clip(right, 0, TURN),
            np.clip(left, -TURN, 0),
            np.full_like(field, TURN),
            np.full_like(field, -TURN),
        ]
    )
    costs = prior * penalty_of(tried) + weight * tried**2 - 2 * pull * tried
    best: Array = np.take_along_axis(tried, costs.argmin(axis=0)[None], axis=0)[0]
    return best
