"""How fast many small pictures go through ``restorekit deblur``, beside the network called bare on tensors.

``python tests/benchmarks/deblur.py [FILES] [BUNDLE]`` draws so many pictures of 128 x 128 (1000 by default), restores
them from a folder to a folder, with every twentieth of the first 400 broken, and then as bare batches of 16 that lie
ready in memory, and prints both rates, their ratio, and how many good pictures were written.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from restorekit.framing import WholeView
from restorekit.images import write_rgb
from restorekit.restore.batch import restore_jobs
from restorekit.restore.jobs import plan
from restorekit.restore.listing import Found, find_pictures
from restorekit.restore.load import load_restorer
from restorekit.restore.reach import dead_leaves
from restorekit.restore.steady import Steady

SIDE, BATCH, BAD = 128, 16, range(0, 400, 20)


def make(folder: Path, files: int) -> None:
    """Write the pictures, parts of a drawn one; those of `BAD` are cut short."""
    wide = (dead_leaves(1024, 0) * 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    for i in range(files):
        y, x = rng.integers(0, len(wide) - SIDE, 2)
        path = folder / f"{i:05}.png"
        write_rgb(path, np.ascontiguousarray(wide[y : y + SIDE, x : x + SIDE]))
        if i in BAD:
            path.write_bytes(path.read_bytes()[:500])


def from_folder(steady: Steady, folder: Path, output: Path) -> float:
    """Restore a folder as the command does, and return the seconds."""
    since = time.perf_counter()
    found = [each for each in find_pictures(folder) if isinstance(each, Found)]
    for _ in restore_jobs(plan(found, str(output)), lambda: (steady, WholeView)):
        pass
    return time.perf_counter() - since


def bare(module: torch.nn.Module, batches: list[dict[str, list[torch.Tensor]]]) -> float:
    """Call the network on batches that lie ready, and return the seconds."""
    since = time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            module(batch)
    return time.perf_counter() - since


def main(files: int, model: str | None) -> None:
    """Measure and print; the two are run by turns, twice, and the better of each counts."""
    restorer = load_restorer(model, "cpu")
    image = torch.rand(BATCH, 3, SIDE, SIDE)
    levels = [torch.nn.functional.avg_pool2d(image, 2), image][-restorer.network.scales :]
    batches = [{"image": levels}] * (files // BATCH)
    steady = Steady(restorer)
    bare(restorer.module, batches[:2])
    rates = {"folder": 0.0, "bare": 0.0}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "in")
        make(folder, files)
        for turn in range(2):
            output = Path(place, f"out{turn}")
            rates["folder"] = max(rates["folder"], files / from_folder(steady, folder, output))
            rates["bare"] = max(rates["bare"], len(batches) * BATCH / bare(restorer.module, batches))
        written = len(list(output.iterdir()))
    threads, ratio = torch.get_num_threads(), rates["folder"] / rates["bare"]
    print(
        f"{files} pictures of {SIDE} x {SIDE}, {threads} threads: {rates['folder']:.1f} a second from a folder,"
    )
    print(f"{rates['bare']:.1f} a second bare, ratio {ratio:.2f}; {written} written, {len(BAD)} were broken")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2] if len(sys.argv) > 2 else None)
