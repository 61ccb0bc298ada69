"""The pictures and kernels of the kernel's ablation: ``python tests/benchmarks/half_faces.py CELEBA DIR``.

Writes CelebA's faces at half size, 78 x 78 px, the middle 64 of which are the crop of 128 x 128 in common use, to
DIR/train, DIR/val and DIR/test; of the test partition only the files that a list names, if one is given. DIR/half20.npz
has 20 camera shakes, four of each size 5, 7 ... 13, as ``restorekit protocol make`` takes them.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit_motion_blur.kernel import pad
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

PARTITIONS = ("train", "val", "test")
LEFT, TOP, SIDE = 11, 54, 156
SIZES = range(5, 14, 2)
EACH = 4


def reduce_faces(celeba: Path, out: Path, listed: Path | None) -> None:
    """Halve the faces of every partition."""
    wanted = set(listed.read_text().split()) if listed else None
    for line in (celeba / "list_eval_partition.txt").read_text().splitlines():
        name, partition = line.split()
        if wanted is not None and partition == "2" and name not in wanted:
            continue
        face = cv2.imread(str(celeba / "img_align_celeba" / name))
        if face is None:  # a subset of CelebA lacks most of what the list names
            continue
        face = face[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
        half = cv2.resize(face, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
        folder = out / PARTITIONS[int(partition)]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{Path(name).stem}.png"), half)


def draw_kernels() -> KernelSet:
    """Camera shakes that no training draws."""
    law = TrajectoryBlur()
    drawn = [law.draw(np.random.default_rng([0x4A1F, size]), size, EACH) for size in SIZES]
    kernels = np.concatenate([pad(each, max(SIZES)) for each in drawn])
    sizes = np.repeat(list(SIZES), EACH)
    return KernelSet(
        kernels, sizes, ("camera shake",) * len(sizes), "half20", "middle of the path's bounding box"
    )


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("celeba", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--list", type=Path, help="the test files to use, one a line")
    given = parser.parse_args()
    reduce_faces(given.celeba, given.out, given.list)
    save_kernels(given.out / "half20.npz", draw_kernels())


if __name__ == "__main__":
    main()
