"""How fast kernels are drawn: ``python tests/benchmarks/kernels.py [COUNT]``.

Draws COUNT (20,000) kernels of ``trajectory_blur`` in vectors, and a few hundred by the same model as a plain Python
loop for each kernel, and prints the ratio of the times per kernel.
"""

import cmath
import math
import os
import sys
import tempfile
import time

import numpy as np

from restorekit_motion_blur.bank import load_bank
from restorekit_motion_blur.trajectory import CENTRIPETAL, GAUSSIAN, SHAKE, STEPS
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur


def plain_kernel(rng: np.random.Generator, law: TrajectoryBlur, size: int) -> list[list[float]]:
    """Draw one kernel, a number at a time."""
    while True:
        anxiety = math.exp(rng.uniform(*map(math.log, law.anxiety)))
        speed = size * rng.uniform(*law.length) / (STEPS - 1)
        pull, tremor, shake = rng.uniform(0, CENTRIPETAL), rng.uniform(0, GAUSSIAN), rng.uniform(0, SHAKE)
        velocity, at = anxiety * cmath.exp(2j * math.pi * rng.random()), 0j
        path = [at]
        for _ in range(STEPS - 1):
            push = tremor * complex(rng.standard_normal(), rng.standard_normal()) - pull * at
            if rng.random() < shake * anxiety:
                velocity -= 2 * velocity * cmath.exp(1j * (rng.random() - 0.5))
            velocity += anxiety * speed * push
            velocity *= speed / abs(velocity)
            at += velocity
            path.append(at)
        xs, ys = [p.real for p in path], [p.imag for p in path]
        extent = max(max(xs) - min(xs), max(ys) - min(ys))
        if size - 5 < extent <= size - 2:
            break
    left, top = (max(xs) + min(xs)) / 2 - size // 2, (max(ys) + min(ys)) / 2 - size // 2
    kernel = [[0.0] * size for _ in range(size)]
    for x, y in zip(xs, ys, strict=True):
        x, y = x - left, y - top
        column, row = int(x), int(y)
        x, y = x - column, y - row
        kernel[row][column] += (1 - x) * (1 - y) / STEPS
        kernel[row][column + 1] += x * (1 - y) / STEPS
        kernel[row + 1][column] += (1 - x) * y / STEPS
        kernel[row + 1][column + 1] += x * y / STEPS
    return kernel


def main(count: int, few: int = 400) -> None:
    """Time both and print the ratio."""
    law = TrajectoryBlur(kernels=count)
    law.draw(np.random.default_rng(0), 3, 1)  # its tables are made once
    began = time.perf_counter()
    for size in law.sizes:
        law.draw(np.random.default_rng(size), size, count // len(law.sizes))
    vectors = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        began = time.perf_counter()
        load_bank(law)
        bank = time.perf_counter() - began
    rng = np.random.default_rng(0)
    began = time.perf_counter()
    for n in range(few):
        plain_kernel(rng, law, law.sizes[n % len(law.sizes)])
    plain = time.perf_counter() - began
    ratio = plain / few / (vectors / count)
    print(f"in vectors: {count:,} kernels in {vectors:.1f} s, {1e3 * vectors / count:.3f} ms each")
    print(f"the bank, with its file: {bank:.1f} s")
    print(f"plain Python loop: {few} kernels in {plain:.1f} s, {1e3 * plain / few:.1f} ms each")
    print(f"ratio {ratio:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
