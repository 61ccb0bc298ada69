"""Random camera trajectories: the model of Boracchi and Foi (IEEE TIP 21(8), 2012), from its equations."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

STEPS = 1000
"""Samples of a trajectory. Part of the law: every step turns anew, so more steps make a more crooked path."""

CENTRIPETAL = 0.7
GAUSSIAN = 10.0
SHAKE = 0.2
"""Upper ends of the uniform laws of the pull to the start, the tremor, and the chance of a reversal."""


def draw_trajectories(rng: np.random.Generator, anxiety: Array, length: Array, steps: int = STEPS) -> Array:
    """Draw one trajectory for each entry of ``anxiety``.

    A trajectory starts at 0 in a random direction and moves at constant speed; only the direction is random::

        v' = v + n + a h (g xi - c x),   v <- h v' / |v'|,   x <- x + v,   h = length / (steps - 1)

    with a the anxiety, xi complex standard normal, and n, with probability p a, -2 v turned by up to half a
    radian (a sudden reversal), else 0. The pull c, the tremor g and p are drawn once per trajectory.

    Args:
        rng: Source of all randomness.
        anxiety: (count,), not negative; 0 gives a straight line.
        length: (count,), path lengths in pixels.
        steps: Samples per trajectory, at least 2.

    Returns:
        (steps, count) complex128; the real part is x (columns), the imaginary part y (rows), in pixels.
    """
    count = len(anxiety)
    speed = length / (steps - 1)
    centripetal = rng.uniform(0, CENTRIPETAL, count)
    gaussian = rng.uniform(0, GAUSSIAN, count)
    shake = rng.uniform(0, SHAKE, count)
    velocity = np.exp(2j * np.pi * rng.random(count)) * np.where(anxiety == 0, speed, anxiety)

    xi = rng.standard_normal((steps - 1, count, 2), dtype=np.float32)
    tremor = xi.view(np.complex64)[..., 0] * (anxiety * speed * gaussian)
    pull = anxiety * speed * centripetal
    shaken = rng.random((steps - 1, count), dtype=np.float32) < shake * anxiety
    turn = np.ones((steps - 1, count), np.complex64)
    turn[shaken] -= 2 * np.exp(1j * (rng.random(np.count_nonzero(shaken)) - 0.5))

    path = np.zeros((steps, count), np.complex128)
    for t in range(steps - 1):
        velocity = velocity * turn[t] + tremor[t] - pull * path[t]
        velocity *= speed / np.abs(velocity)
        np.add(path[t], velocity, out=path[t + 1])
    return path


def expose(paths: Array, shares: Array) -> Array:
    """Return the first part of each path, in as many samples as the whole had.

    Args:
        paths: (steps, count) complex.
        shares: (count,), above 0 and up to 1: how much of the path; its length shrinks alike.
    """
    at = np.linspace(0, 1, len(paths))[:, None] * (shares * (len(paths) - 1))
    before = np.minimum(at.astype(np.intp), len(paths) - 2)
    first = np.take_along_axis(paths, before, axis=0)
    return first + (at - before) * (np.take_along_axis(paths, before + 1, axis=0) - first)
