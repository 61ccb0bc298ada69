"""Kernels that a model was not chosen on: ``python tests/benchmarks/kernel_sets.py DIR``.

Writes, as ``restorekit evaluate --kernels`` takes them, the sets that came to lie in restorekit/evaluation/kernel_sets
beside faces80: faces80-laws (four random splines, four Gaussian-process paths and two straight lines of each size 13,
15 ... 27), defocus10 (six disks and four Gaussians) and sharp (no blur).
"""

import sys
from pathlib import Path

import numpy as np

from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit_motion_blur.gaussian_process_blur import GaussianProcessBlur
from restorekit_motion_blur.kernel import pad
from restorekit_motion_blur.lens import DefocusBlur, GaussianBlur
from restorekit_motion_blur.linear_blur import LinearBlur
from restorekit_motion_blur.spline_blur import SplineBlur

LAWS = (
    (SplineBlur(), "random spline", 4),
    (GaussianProcessBlur(), "Gaussian process", 4),
    (LinearBlur(), "straight line", 2),
)
RADII = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
SIGMAS = (0.75, 1.5, 2.25, 3.0)


def other_laws() -> KernelSet:
    """Motion of other laws, eighty kernels as in faces80."""
    kernels, sizes, laws = [], [], []
    for size in range(13, 28, 2):
        rng = np.random.default_rng([0x1A35, size])
        for blur, law, count in LAWS:
            kernels.append(pad(blur.draw(rng, size, count), 27))
            sizes += [size] * count
            laws += [law] * count
    centring = "middle of the path's bounding box"
    return KernelSet(np.concatenate(kernels), np.array(sizes), tuple(laws), "faces80-laws", centring)


def lenses() -> KernelSet:
    """Blur of the lens."""
    blurs = [(DefocusBlur((radius, radius)), "disk") for radius in RADII]
    blurs += [(GaussianBlur((sigma, sigma)), "Gaussian") for sigma in SIGMAS]
    kernels = [blur.sample(np.random.default_rng(0), 0, 0)["kernel"][None] for blur, _ in blurs]
    sizes = [kernel.shape[-1] for kernel in kernels]
    laws = tuple(law for _, law in blurs)
    padded = np.concatenate([pad(kernel, max(sizes)) for kernel in kernels])
    return KernelSet(padded, np.array(sizes), laws, "defocus10", "middle of the disk")


def main(folder: Path) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    sharp = KernelSet(np.ones((1, 1, 1), np.float32), np.array([1]), ("no blur",), "sharp", "none")
    for kernels in (other_laws(), lenses(), sharp):
        save_kernels(folder / f"{kernels.name}.npz", kernels)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
