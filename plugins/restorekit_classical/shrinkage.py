"""Proximal maps of priors on gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array


def soft(values: Array, threshold: float) -> Array:
    """Minimise ``threshold |w| + (w - v)^2 / 2`` for each value v: shrink it towards 0."""
    shrunk: Array = np.sign(values) * np.maximum(np.abs(values) - threshold, 0)
    return shrunk


def soft_vectors(field: Array, threshold: float) -> Array:
    """Minimise ``threshold |w| + |w - v|^2 / 2`` for each vector v along the first axis."""
    length = np.sqrt((field**2).sum(axis=0))
    return field * (np.maximum(length - threshold, 0) / np.maximum(length, 1e-12))


def power(values: Array, exponent: float, beta: float, rounds: int = 8) -> Array:
    """Minimise ``|w|^exponent + beta / 2 (w - v)^2`` for each value v (Krishnan and Fergus 2009, equation 5).

    The paper solves a cubic for the exponent 1/2 and a quartic for 2/3. Where the function has a minimum beside 0 it
    is convex from its point of inflection on, so Newton's method from |v| falls to the same root for any exponent.

    Args:
        values: v.
        exponent: In (0, 1]; 1 is soft thresholding with ``1 / beta``.
        beta: Above 0.
        rounds: Steps of Newton's method.
    """
    if exponent == 1:
        return soft(values, 1 / beta)
    size = np.abs(values)
    inflection = (exponent * (1 - exponent) / beta) ** (1 / (2 - exponent))
    w = np.maximum(size, inflection)
    for _ in range(rounds):
        slope = exponent * w ** (exponent - 1) + beta * (w - size)
        bend = beta - exponent * (1 - exponent) * w ** (exponent - 2)
        w = np.maximum(w - slope / np.maximum(bend, 1e-3 * beta), inflection)
    better = w**exponent + beta / 2 * (w - size) ** 2 < beta / 2 * size**2
    return np.where(better, np.sign(values) * w, 0).astype(values.dtype)
