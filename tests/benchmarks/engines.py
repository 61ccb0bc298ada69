"""Torch beside ONNX Runtime: ``python tests/benchmarks/engines.py [BUNDLE] [--many N] [--photo MP] [--detector FILE]``.

Runs restorekit from its start to the files by both engines in turn: ``restore`` on one small picture and on N (1000) of
128 x 128, and ``deblur --faces only`` on a blurred JPEG of so many megapixels (24) with 14 faces of several sizes.
Prints seconds, and seconds of all cores (CPU), of each; and the largest difference of the files in grey levels of 255.
``OMP_NUM_THREADS`` sets the threads of both. The bundle, by default the shipped one, needs a graph.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from skimage.data import astronaut, coffee

from restorekit.images import read_rgb, write_rgb
from restorekit.restore.reach import dead_leaves

ENGINES = ("torch", "onnx")


def restore(command, inputs, output, engine, model):
    """Start a command; gives seconds and seconds of all cores."""
    command = [sys.executable, "-m", "restorekit", *command, inputs, "-o", output, "--overwrite"]
    command += ["--engine", engine, "--device", "cpu", *(["--model", model] if model else [])]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def compare(what, command, inputs, outputs, model, times):
    """Restore by both engines in turn, print the medians and how far the files are apart."""
    taken = {engine: [] for engine in ENGINES}
    for _ in range(times):
        for engine, output in zip(ENGINES, outputs, strict=True):
            taken[engine].append(restore(command, inputs, output, engine, model))
    each = [
        f"{engine} {median(wall):.2f} s, CPU {median(cpu):.2f} s"
        for engine, (wall, cpu) in ((name, zip(*seconds, strict=True)) for name, seconds in taken.items())
    ]
    files = [sorted(output.glob("*")) if output.is_dir() else [output] for output in outputs]
    apart = max(
        np.abs(read_rgb(one).astype(int) - read_rgb(other)).max() for one, other in zip(*files, strict=True)
    )
    print(f"{what}: {'; '.join(each)}; at most {apart} grey levels apart", flush=True)


def photo(megapixels, faces=14):
    """Draw a photo of a blurred person, several times over a table."""
    height, width = round((megapixels * 1e6 / 1.5) ** 0.5), round((megapixels * 1e6 * 1.5) ** 0.5)
    drawn = cv2.resize(coffee(), (width, height), interpolation=cv2.INTER_CUBIC)
    person, columns = astronaut()[:256, 96:352], -(-faces // 2)
    for number in range(faces):
        side = round(width / columns * (0.5 + 0.4 * number / faces))
        sharp = cv2.resize(person, (side, side), interpolation=cv2.INTER_CUBIC)
        y, x = (number % 2) * height // 2 + 50, number // 2 * width // columns
        drawn[y : y + side, x : x + side] = sharp
    return cv2.blur(drawn, (width // 200, 1))


def main(model, many, megapixels, detector):
    """Make the pictures, and restore them."""
    with tempfile.TemporaryDirectory() as name:
        folder, drawn = Path(name), (dead_leaves(512, 0) * 255).astype(np.uint8)
        write_rgb(folder / "a.png", drawn[:128, :128])
        outputs = [folder / "b.png", folder / "c.png"]
        compare("one of 128 x 128", ["restore"], folder / "a.png", outputs, model, 5)
        if many:
            for number in range(many):
                y, x = np.random.default_rng(number).integers(0, 384, 2)
                write_rgb(folder / "many" / f"{number:04}.png", drawn[y : y + 128, x : x + 128])
            outputs = [folder / "torch", folder / "onnx"]
            compare(f"{many} of 128 x 128", ["restore"], folder / "many", outputs, model, 1)
        if megapixels:
            write_rgb(folder / "photo.jpg", photo(megapixels))
            command = ["deblur", "--faces", "only", *(["--detector", detector] if detector else [])]
            outputs = [folder / "d.png", folder / "e.png"]
            compare(f"{megapixels:g} megapixels", command, folder / "photo.jpg", outputs, model, 1)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("model", nargs="?")
    options.add_argument("--many", type=int, default=1000)
    options.add_argument("--photo", type=float, default=24)
    options.add_argument("--detector")
    given = options.parse_args()
    print(f"threads {os.environ.get('OMP_NUM_THREADS', 'all')}")
    main(given.model and os.path.abspath(given.model), given.many, given.photo, given.detector)
