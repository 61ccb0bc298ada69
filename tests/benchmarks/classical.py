"""Classical methods on Levin's really blurred pictures: decibels, kernels and seconds. Measures only.

    python tests/benchmarks/classical.py SHARED [METHOD ...] [--size true|N] [--quarters] [--sheet OUT.png]

SHARED is the folder of measuring data, with ``data/levin`` in it. Scores are of the best shift within 5 pixels, of
whole ones or of quarters (as in Levin's own script), 15 pixels of border cut. Without METHOD: the three that stand
for the rest.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.ndimage import shift

from restorekit import load_restorer, read_image, write_image
from restorekit_classical.nonblind import NonBlind

TURNED = (1, 2, 3)
"""Kernels whose files fit after a turn by 180 degrees."""

BORDER, REACH = 15, 5


def grey(path):
    return read_image(path).astype(np.float64).mean(axis=-1) / 255


def true_kernel(folder, n):
    kernel = grey(folder / f"kernel{n}.png")
    kernel = kernel[::-1, ::-1] if n in TURNED else kernel
    return kernel / kernel.sum()


def psnr(picture, sharp):
    height, width = sharp.shape
    cut = np.s_[BORDER : height - BORDER, BORDER : width - BORDER]
    return -10 * np.log10(np.mean((np.clip(picture[cut], 0, 1) - sharp[cut]) ** 2))


def best_shift(picture, sharp, quarters):
    """Return the score of the best shift by whole pixels, or the best quarter around it."""
    steps = range(-REACH, REACH + 1)
    whole, *at = max((psnr(np.roll(picture, (y, x), (0, 1)), sharp), y, x) for y in steps for x in steps)
    if not quarters:
        return whole
    parts = np.arange(-0.75, 0.76, 0.25)
    moved = ((at[0] + y, at[1] + x) for y in parts for x in parts)
    return max(whole, *(psnr(shift(picture, by, order=3, mode="nearest"), sharp) for by in moved))


def correlation(a, b):
    shape = [2 * max(pair) for pair in zip(a.shape, b.shape, strict=True)]
    product = np.fft.irfft2(np.fft.rfft2(a, shape) * np.conj(np.fft.rfft2(b, shape)), shape)
    return product.max() / np.sqrt((a**2).sum() * (b**2).sum())


def tile(image, side):
    image = image[:side, :side] / max(image.max(), 1e-12) if len(image) < 64 else image[:side, :side]
    times = max(side // len(image), 1)
    image = np.kron(np.clip(image, 0, 1), np.ones((times, times)))
    below, right = (side - length for length in image.shape)
    return np.pad(image, ((0, below), (0, right)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("methods", nargs="*", default=["cho_lee2009", "krishnan2011", "xu2013"])
    parser.add_argument(
        "--size", default="true", help="side of the largest kernel, or 'true' for the true kernel's"
    )
    parser.add_argument("--quarters", action="store_true", help="shift by quarters of a pixel too")
    parser.add_argument("--sheet", type=Path, help="rows of true kernel, found kernel, blurred, restored")
    options = parser.parse_args()
    folder = options.shared / "data" / "levin"
    cases = [
        (1 + (n + by) % 4, 1 + n) for by in range(4) for n in range(4)
    ]  # any four hold every kernel and scene
    blurred = {case: grey(folder / "im{}_kernel{}.png".format(*case)) for case in cases}
    sharp = {i: grey(folder / f"im{i}.png") for i in (1, 2, 3, 4)}
    before = np.mean([best_shift(blurred[case], sharp[case[0]], options.quarters) for case in cases])
    print(f"{'blurred':16} {before:.2f} dB", flush=True)
    rows = []
    for name in options.methods:
        scores, likeness, seconds, given_back = [], [], [], 0
        for case in cases:
            i, n = case
            method, true = load_restorer(name), true_kernel(folder, n)
            since = time.process_time()
            if isinstance(method, NonBlind):
                result = method.deblur(blurred[case], true)
            else:
                size = len(true) if options.size == "true" else int(options.size)
                result = replace(method, size=size).deblur(blurred[case])
            seconds.append(time.process_time() - since)
            given_back += bool(result.note)
            scores.append(best_shift(result.picture, sharp[i], options.quarters))
            likeness.append(correlation(result.kernel, true))
            mean = np.mean(scores)
            print(
                f"  {name} im{i}_kernel{n} {scores[-1]:.2f} {likeness[-1]:.3f}  so far {mean:.2f}", flush=True
            )
            rows.append(
                np.concatenate(
                    [tile(each, 248) for each in (true, result.kernel, blurred[case], result.picture)], 1
                )
            )
        print(
            f"{name:16} {mean:.2f} dB ({mean - before:+.2f})  kernels {np.mean(likeness):.3f}"
            f"  {np.mean(seconds):.2f} s of a core  given back {given_back}",
            flush=True,
        )
        if options.sheet:
            pixels = np.round(255 * np.concatenate(rows)).astype(np.uint8)
            write_image(options.sheet, np.repeat(pixels[..., None], 3, axis=-1))


if __name__ == "__main__":
    main()
