"""Classical methods on Levin's really blurred pictures: decibels, kernels and seconds. Measures only.

    python tests/benchmarks/classical.py SHARED [METHOD ...] [--size true|N] [--quarters] [--keep FOLDER]
        [--sheet OUT.png]

SHARED is the folder of measuring data, with ``data/levin`` in it. Scores are of the best shift within 5 pixels, of
whole ones or of quarters (as in Levin's own script), 15 pixels of border cut. Without METHOD: the three that stand
for the rest. With ``--keep`` each result is written when it is done, and taken from there the next time.
"""

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.ndimage import shift

from restorekit import load_restorer, read_image, write_image
from restorekit_classical.nonblind import NonBlind

TURNED = (1, 2, 3)
"""Kernels whose files fit after a turn by 180 degrees."""

CASES = [(1 + (n + by) % 4, 1 + n) for by in range(4) for n in range(4)]
"""Scene and kernel: any four in a row hold every scene and every kernel."""

BORDER, REACH, TILE = 15, 5, 128


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


def result_of(name, blurred, true, size):
    """Return picture, kernel, note and seconds of a core."""
    method, since = load_restorer(name), time.process_time()
    if isinstance(method, NonBlind):
        result = method.deblur(blurred, true)
    else:
        result = replace(method, size=size or len(true)).deblur(blurred)
    return {
        "picture": result.picture,
        "kernel": result.kernel,
        "note": result.note,
        "seconds": time.process_time() - since,
    }


def kept(file, make):
    """Take a result from a file, or make it and write it there."""
    if file and file.exists():
        return dict(np.load(file))
    result = make()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **result)
    return result


def tile(image):
    """Bring a picture, or a kernel with its largest value white, to a square tile."""
    if len(image) > TILE:
        image = image[: 2 * TILE, : 2 * TILE]
        image = np.pad(image, [(0, 2 * TILE - side) for side in image.shape], mode="edge")
        return np.clip(image, 0, 1).reshape(TILE, 2, TILE, 2).mean(axis=(1, 3))
    times = TILE // len(image)
    image = np.kron(np.maximum(image, 0) / image.max(), np.ones((times, times)))
    return np.pad(image, [(0, TILE - side) for side in image.shape])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("methods", nargs="*", default=["cho_lee2009", "krishnan2011", "xu2013"])
    parser.add_argument(
        "--size", default="true", help="side of the largest kernel, or 'true' for the true kernel's"
    )
    parser.add_argument("--quarters", action="store_true", help="shift by quarters of a pixel too")
    parser.add_argument("--keep", type=Path, help="folder of results, for this size and this code")
    parser.add_argument(
        "--sheet", type=Path, help="a row for each picture: true kernel and blurred, then found and restored"
    )
    options = parser.parse_args()
    folder = options.shared / "data" / "levin"
    size = None if options.size == "true" else int(options.size)
    blurred = {case: grey(folder / "im{}_kernel{}.png".format(*case)) for case in CASES}
    sharp = {i: grey(folder / f"im{i}.png") for i in (1, 2, 3, 4)}
    before = np.mean([best_shift(blurred[case], sharp[case[0]], options.quarters) for case in CASES])
    print(f"{'blurred':16} {before:.2f} dB", flush=True)
    columns = [[tile(true_kernel(folder, n)) for _, n in CASES], [tile(blurred[case]) for case in CASES]]
    for name in options.methods:
        scores, likeness, seconds, given_back = [], [], [], 0
        columns += [[], []]
        for case in CASES:
            i, n = case
            true = true_kernel(folder, n)
            file = options.keep and options.keep / f"{name}_{i}_{n}.npz"
            result = kept(file, partial(result_of, name, blurred[case], true, size))
            seconds.append(float(result["seconds"]))
            given_back += bool(str(result["note"]))
            scores.append(best_shift(result["picture"], sharp[i], options.quarters))
            likeness.append(correlation(result["kernel"], true))
            mean = np.mean(scores)
            print(
                f"  {name} im{i}_kernel{n} {scores[-1]:.2f} {likeness[-1]:.3f}  so far {mean:.2f}", flush=True
            )
            columns[-2].append(tile(result["kernel"]))
            columns[-1].append(tile(result["picture"]))
        print(
            f"{name:16} {mean:.2f} dB ({mean - before:+.2f})  kernels {np.mean(likeness):.3f}"
            f"  {np.mean(seconds):.2f} s of a core  given back {given_back}",
            flush=True,
        )
    if options.sheet:
        pixels = np.concatenate([np.concatenate(column) for column in columns], axis=1)
        pixels = np.round(255 * pixels).astype(np.uint8)
        write_image(options.sheet, np.repeat(pixels[..., None], 3, axis=-1))


if __name__ == "__main__":
    main()
