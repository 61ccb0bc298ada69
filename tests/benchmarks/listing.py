"""How long a large folder takes to list, and to give its first batch.

``python tests/benchmarks/listing.py [FILES]`` makes a tree of so many small pictures (200000 by default) in a temporary
folder, lists it plainly by pathlib and then as the source ``folder`` does, and prints both times, their ratio, and the
time from a new source to its first batch with two workers.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, Samples
from restorekit.data.sources.folder import Folder
from restorekit.data.sources.listing import list_pictures
from restorekit.images import SUFFIXES

IN_A_FOLDER = 1000


def make(root: Path, files: int) -> None:
    """Write ``files`` pictures of 32 x 32, links to one, a thousand to a folder."""
    file = BytesIO()
    Image.new("RGB", (32, 32)).save(file, "PNG")
    for i in range(files):
        folder = root / f"{i // IN_A_FOLDER:04}"
        if i % IN_A_FOLDER == 0:
            folder.mkdir()
            (folder / "0000.png").write_bytes(file.getvalue())
        else:
            os.link(folder / "0000.png", folder / f"{i % IN_A_FOLDER:04}.png")


def plainly(root: Path) -> list[Path]:
    """The list of pictures as one would write it with pathlib."""
    return sorted(file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())


def first_batch(root: Path) -> Any:
    """The first batch of a source that has listed nothing yet."""
    samples = Samples(Folder(root), 0, DRAW, 32, "center", (), {"image": ImageTask()})
    return next(batches(samples, first=0, count=1, batch=16, workers=2))


def seconds(call: Callable[[Path], Any], root: Path) -> tuple[float, Any]:
    """How long a call takes, and what it returns."""
    since = time.perf_counter()
    result = call(root)
    return time.perf_counter() - since, result


def main(files: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, files)
        plainly(root)  # so that each finds the directories in memory
        (slow, expected), (quick, found) = seconds(plainly, root), seconds(list_pictures, root)
        assert found == [file.relative_to(root).as_posix() for file in expected]
        import torch  # noqa: F401  # its import is not the source's

        start, _ = seconds(first_batch, root)
    print(f"{files} files: pathlib {slow:.2f} s, list_pictures {quick:.2f} s, ratio {slow / quick:.1f}")
    print(f"first batch of a new source: {start:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
