"""Kernels with which a model finds the face, but not its place, to train it on.

    python tests/benchmarks/shifted_kernels.py FACES DIR [--model BUNDLE] [--count 4600]

Draws kernels of ``trajectory_blur`` and keeps those whose faint ends decide where the middle lies: without the pixels
below 0.6 of the mean of the ten brightest, the middle of the bounding box moves by 1.5 px or more. They are written to
DIR/faint.npz. Each blurs one of the folder's faces, in CelebA's alignment, with noise of one grey level; those whose
result lies 2 px or more off, or loses 3 dB by where it lies, are written to DIR/shifted.npz, turned and mirrored in all
eight ways. Both are files for ``kernels`` of the degradation ``kernel_set``.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np

from restorekit.evaluation.convolution import convolve
from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit.images import read_rgb
from restorekit.restore.load import load_restorer
from restorekit_motion_blur.kernel import pad
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SIZES, WIDTH, DRAWN, BATCH = (15, 17, 19, 21, 23, 25, 27), 27, 4096, 16
BRIGHT, MOVED, OFF, LOST, FAR = 0.6, 1.5, 1.9, 3.0, 4
FACE = (slice(31, 185), slice(12, 166))
"""The crop of 128 pixels with a margin of 13, of a file of 218 x 178."""


def moved(kernels):
    """How far the middle of each bounding box moves, in pixels, if the faint pixels are left out."""
    top = np.sort(kernels.reshape(len(kernels), -1), axis=1)[:, -10:].mean(axis=1)
    bright = kernels > BRIGHT * top[:, None, None]

    def middle(line):
        side = line.shape[1]
        return (line.argmax(axis=1) + side - 1 - line[:, ::-1].argmax(axis=1)) / 2 - side // 2

    return np.hypot(middle(bright.any(axis=2)), middle(bright.any(axis=1)))


def faint(rng, count):
    """Draw so many of them, N,27,27."""
    law, kept = TrajectoryBlur(sizes=SIZES, kernels=0), []
    while sum(map(len, kept)) < count:
        kernels = law.draw(rng, int(rng.choice(SIZES)), DRAWN)
        kept.append(pad(kernels[moved(kernels) >= MOVED], WIDTH))
    return rng.permutation(np.concatenate(kept))[:count]


def is_off(restored, sharp):
    """Whether the face of one lies elsewhere in the other, H,W,3 each."""
    inner, wide = restored.mean(axis=2)[FAR:-FAR, FAR:-FAR], sharp.mean(axis=2)
    height, width = inner.shape
    errors = {
        (y, x): ((inner - wide[y : y + height, x : x + width]) ** 2).mean()
        for y, x in product(range(2 * FAR + 1), repeat=2)
    }
    best = min(errors, key=errors.get)
    lost = 10 * np.log10(errors[FAR, FAR] / errors[best])
    return np.hypot(best[0] - FAR, best[1] - FAR) >= OFF or lost >= LOST


def shifted(restorer, kernels, files, rng):
    """Those of the kernels with which the result lies off."""
    kept = []
    for first in range(0, len(kernels), BATCH):
        group = kernels[first : first + BATCH]
        wide = [read_rgb(file)[FACE] for file in rng.choice(files, len(group))]
        blurred = np.stack([convolve(face, kernel) for face, kernel in zip(wide, group, strict=True)])
        noisy = (
            np.clip(np.round(blurred + rng.standard_normal(blurred.shape)), 0, 255).astype(np.float32) / 255
        )
        margin = WIDTH // 2
        sharp = [face[margin:-margin, margin:-margin] / 255 for face in wide]
        results = zip(group, restorer.restore_arrays(noisy), sharp, strict=True)
        kept += [kernel for kernel, *pair in results if is_off(*pair)]
        print(f"{first + len(group)} of {len(kernels)}, {len(kept)} off", flush=True)
    return np.array(kept).reshape(-1, WIDTH, WIDTH)


def save(folder, name, kernels):
    """Write a file for ``kernel_set``."""
    sizes, law = np.full(len(kernels), WIDTH), ("trajectory_blur",) * len(kernels)
    save_kernels(folder / f"{name}.npz", KernelSet(kernels, sizes, law, name, "box"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("faces", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--count", type=int, default=4600)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    kernels = faint(rng, given.count)
    save(given.folder, "faint", kernels)
    off = shifted(load_restorer(given.model), kernels, sorted(given.faces.glob("*.jpg")), rng)
    ways = [np.rot90(each, turns, axes=(1, 2)) for each in (off, off[:, :, ::-1]) for turns in range(4)]
    save(given.folder, "shifted", np.concatenate(ways))


if __name__ == "__main__":
    main()
