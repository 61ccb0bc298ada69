"""Torch beside ONNX Runtime: ``python tests/benchmarks/engines.py [BUNDLE] [--large SIDE]``.

Exports a bundle (the shipped one) in fp32 and fp16, and prints the sizes of the files, the largest difference to torch
on three sizes, the times for a picture of 128 x 128 and one of SIDE x SIDE (1024) in alternation, and those of
``restorekit deblur`` from its start to the file for a small picture. Ratios are of medians; above 1, torch is slower.
``OMP_NUM_THREADS`` sets the threads of both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from restorekit import load_restorer
from restorekit.export import export_onnx
from restorekit.images import write_rgb
from restorekit.restore.reach import dead_leaves


def alternate(calls, times):
    """Seconds of each call, in turns, after one that does not count."""
    taken = {name: [] for name in calls}
    for turn in range(times + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if turn:
                taken[name].append(time.perf_counter() - began)
    return {name: median(seconds) for name, seconds in taken.items()}


def show(what, seconds):
    """Print seconds, and torch's by each."""
    each = ", ".join(
        f"{name} {value:.3f} s ({seconds['torch'] / value:.2f})" for name, value in seconds.items()
    )
    print(f"{what}: {each}", flush=True)


def deblur(folder, *arguments):
    """Start the command on a small picture."""
    command = [sys.executable, "-m", "restorekit", "deblur", "a.png", "-o", "b.png", "--faces", "off"]
    subprocess.run([*command, "--overwrite", *arguments], cwd=folder, check=True, capture_output=True)


def main(model, large):
    """Export, compare and time."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"onnx": Path(folder, "fp32.onnx"), "onnx fp16": Path(folder, "fp16.onnx")}
        for name, file in files.items():
            checks = export_onnx(model, file, half="fp16" in name)
            print(f"{name}: {file.stat().st_size / 1e6:.1f} MB; {'; '.join(map(str, checks))}")
        restorers = {"torch": load_restorer(model, "cpu")}
        restorers |= {name: load_restorer(file, "cpu") for name, file in files.items()}
        for side, times in ((128, 15), (large, 3)):
            picture = dead_leaves(side, 0)[None]
            calls = {name: partial(restorer.restore_arrays, picture) for name, restorer in restorers.items()}
            show(f"{side} x {side}", alternate(calls, times))
        write_rgb(Path(folder, "a.png"), (dead_leaves(128, 0) * 255).astype(np.uint8))
        starts = {"torch": lambda: deblur(folder, *(["--model", model] if model else []))}
        starts["onnx"] = lambda: deblur(folder, "--model", str(files["onnx"]), "--engine", "onnx")
        show("shell to file, 128 x 128", alternate(starts, 5))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("model", nargs="?")
    options.add_argument("--large", type=int, default=1024)
    given = options.parse_args()
    print(f"threads {os.environ.get('OMP_NUM_THREADS', 'all')}")
    main(given.model and os.path.abspath(given.model), given.large)
