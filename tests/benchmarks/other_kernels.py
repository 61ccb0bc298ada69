"""Kernel files for ``restorekit evaluate --kernels``: blur that the shipped model was not chosen on.

``python tests/benchmarks/other_kernels.py DIR`` writes sharp.npz (no blur), gauss15.npz (an isotropic Gaussian of
sigma 1.5), splines80.npz and gp80.npz (ten kernels of each size 13, 15 ... 27 of two other laws of motion).
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

SIDE = 27
SIZES = range(13, 28, 2)


def centred(path: np.ndarray) -> np.ndarray:
    """Shift a complex path so that the middle of its bounding box lies at 0."""
    x, y = path.real, path.imag
    return path - (x.min() + x.max() + 1j * (y.min() + y.max())) / 2


def extent(path: np.ndarray) -> float:
    """The longer side of a path's bounding box, pixels."""
    return max(np.ptp(path.real), np.ptp(path.imag))


def splat(path: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Spread weighted points bilinearly over a kernel of sum 1."""
    kernel = np.zeros((SIDE, SIDE))
    x, y = path.real + SIDE // 2, path.imag + SIDE // 2
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    x, y = x - left, y - top
    corners = ((0, 0, (1 - x) * (1 - y)), (1, 0, x * (1 - y)), (0, 1, (1 - x) * y), (1, 1, x * y))
    for right, down, share in corners:
        place = np.minimum(top + down, SIDE - 1), np.minimum(left + right, SIDE - 1)
        np.add.at(kernel, place, share * weights)
    return kernel / kernel.sum()


def spline(rng: np.random.Generator, size: int) -> np.ndarray:
    """Six random control points, a spline, its unique pixels with random weights (Chakrabarti, ECCV 2016), scaled."""
    points = (rng.uniform(0, 1, 6) + 1j * rng.uniform(0, 1, 6)) * (size - 1)
    path = CubicSpline(np.arange(6), points)(np.linspace(0, 5, 5000))
    path = centred(path * (size - 3) / extent(path) * rng.uniform(0.9, 1))
    pixels = np.unique(np.round(path.real) + 1j * np.round(path.imag))
    weights = np.maximum(0, 1 + 0.5 * rng.standard_normal(len(pixels)))
    return splat(centred(pixels), weights)


def gaussian_process(rng: np.random.Generator, size: int) -> np.ndarray:
    """A path whose axes are Matern-5/2 processes of length scale 0.3 (Schuler et al., PAMI 2016), scaled."""
    moments = np.linspace(0, 1, 400)
    distance = np.abs(moments[:, None] - moments) / 0.3
    covariance = (1 + 5**0.5 * distance + 5 / 3 * distance**2) * np.exp(-(5**0.5) * distance)
    root = np.linalg.cholesky(covariance + 1e-8 * np.eye(400))
    coarse = root @ rng.standard_normal(400) + 1j * (root @ rng.standard_normal(400))
    path = centred(np.interp(np.linspace(0, 399, 4000), np.arange(400), coarse))
    path *= rng.uniform(size - 5, size - 2) / extent(path)
    return splat(path, np.ones(len(path)))


def eighty(law: Callable[[np.random.Generator, int], np.ndarray], seed: int) -> Iterator[np.ndarray]:
    """Ten kernels of each size."""
    for size in SIZES:
        rng = np.random.default_rng([seed, size])
        yield from (law(rng, size) for _ in range(10))


def main(folder: Path) -> None:
    """Write the four files."""
    folder.mkdir(parents=True, exist_ok=True)
    delta = np.zeros((SIDE, SIDE))
    delta[SIDE // 2, SIDE // 2] = 1
    bell = np.exp(-((np.arange(SIDE) - SIDE // 2) ** 2) / (2 * 1.5**2))
    sizes = np.repeat(SIZES, 10)
    sets = {
        "sharp": ([delta], [1], "no blur"),
        "gauss15": ([np.outer(bell, bell) / bell.sum() ** 2], [11], "isotropic Gaussian of sigma 1.5"),
        "splines80": (list(eighty(spline, 0x5B11E5)), sizes, "random splines"),
        "gp80": (list(eighty(gaussian_process, 0x6A55)), sizes, "Matern Gaussian-process paths"),
    }
    for name, (kernels, supports, law) in sets.items():
        arrays = {"kernels": np.float32(kernels), "sizes": np.array(supports)}
        np.savez_compressed(folder / f"{name}.npz", **arrays, name=name, law=law, centring="box")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
