"""Random camera trajectories: the model of Boracchi and Foi (IEEE TIP 21(8), 2012), from its equations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

STEPS = 1000
"""Samples of a trajectory. Part of the law: every step turns once more, so more steps make a more crooked path."""

CENTRIPETAL = 0.7
GAUSSIAN = 10.0
SHAKE = 0.2
"""Upper ends of the uniform laws of the pull to the start, the tremor, and the chance of a reversal."""

LEVELS = 2**16
BLOCK = 2**13


@cache
def _quantiles() -> Array:
    """Return the middle quantiles of LEVELS equal shares of the normal law: picking one is the fastest way to draw."""
    from scipy.special import ndtri

    quantiles: Array = ndtri((np.arange(LEVELS) + 0.5) / LEVELS)
    return quantiles.astype(np.float32)


def draw_trajectories(rng: np.random.Generator, anxiety: Array, length: Array, steps: int = STEPS) -> Array:
    """Draw one trajectory for each entry of ``anxiety``, all of them together.

    A trajectory starts at 0 in a random direction and moves at constant speed; only the direction is random::

        v' = v + n + a h (g xi - c x),   v <- h v' / |v'|,   x <- x + v,   h = length / (steps - 1)

    with a the anxiety, xi standard normal in each axis, and n, with probability p a, -2 v turned by up to half a
    radian (a sudden reversal), else 0. The pull c, the tremor g and p are drawn once per trajectory.

    For speed the two axes lie in planes of their own, nothing is allocated within the loop, reversals are drawn
    beforehand, and the normal numbers come from a table.

    Args:
        rng: Source of all randomness.
        anxiety: (count,), not negative; 0 gives a straight line.
        length: (count,), path lengths in pixels.
        steps: Samples per trajectory, at least 2.

    Returns:
        (steps, 2, count) float32: x (columns) and y (rows), in pixels.
    """
    count = len(anxiety)
    speed = (length / (steps - 1)).astype(np.float32)
    pull, tremor, shake = (
        (anxiety * rng.uniform(0, most, count)).astype(np.float32) for most in (CENTRIPETAL, GAUSSIAN, SHAKE)
    )
    pull, tremor = pull * speed, tremor * speed
    angle = 2 * np.pi * rng.random(count)
    velocity = np.stack([np.cos(angle), np.sin(angle)]) * np.where(anxiety == 0, speed, anxiety)
    velocity = velocity.astype(np.float32)

    reversals = _reversals(rng, shake, steps - 1)
    path = np.zeros((steps, 2, count), np.float32)
    work, norm = np.empty_like(velocity), np.empty_like(speed)
    for t, push in enumerate(_pushes(rng, tremor, steps - 1)):
        if t in reversals:
            at, cosine, sine = reversals[t]
            x, y = velocity[:, at]
            velocity[0, at] = x * cosine - y * sine
            velocity[1, at] = x * sine + y * cosine
        velocity += push
        velocity -= np.multiply(path[t], pull, out=work)
        np.multiply(velocity, velocity, out=work)
        np.add(work[0], work[1], out=norm)
        velocity *= np.divide(speed, np.sqrt(norm, out=norm), out=norm)
        np.add(path[t], velocity, out=path[t + 1])
    return path


def _pushes(rng: np.random.Generator, tremor: Array, steps: int) -> Iterator[Array]:
    """Yield for each step (2, count) normal numbers of deviation ``tremor``, drawn for many steps at once if few."""
    count, table = len(tremor), _quantiles()
    block = max(BLOCK // count, 1)
    for first in range(0, steps, block):
        size = 2 * count * min(block, steps - first)
        levels = rng.integers(0, 2**64, -(-size // 4), np.uint64).view(np.uint16)[:size]  # four to a number
        pushes = np.take(table, levels.reshape(-1, 2, count))
        yield from np.multiply(pushes, tremor, out=pushes)


def _reversals(rng: np.random.Generator, chance: Array, steps: int) -> dict[int, tuple[Array, Array, Array]]:
    """Return for some steps which trajectories reverse, and ``1 - 2 exp(i angle)`` for each, in its two parts."""
    which = np.repeat(np.arange(len(chance)), rng.binomial(steps, np.minimum(chance, 1)))
    when = np.sort(rng.integers(0, steps, len(which)))  # two at once, one in thousands, count as one
    which, angle = rng.permutation(which), rng.random(len(which)) - 0.5
    columns = which, 1 - 2 * np.cos(angle), -2 * np.sin(angle)
    times, starts = np.unique(when, return_index=True)
    parts = zip(*(np.split(column, starts[1:]) for column in columns), strict=True)
    return dict(zip(times.tolist(), parts, strict=True)) if len(which) else {}


def expose(paths: Array, shares: Array) -> Array:
    """Return the first part of each path, in as many samples as the whole had.

    Args:
        paths: (steps, 2, count).
        shares: (count,), above 0 and up to 1: how much of the path; its length shrinks alike.
    """
    at = np.linspace(0, 1, len(paths))[:, None, None] * (shares * (len(paths) - 1))
    before = np.minimum(at.astype(np.intp), len(paths) - 2)
    first = np.take_along_axis(paths, before, axis=0)
    return first + (at - before) * (np.take_along_axis(paths, before + 1, axis=0) - first)
