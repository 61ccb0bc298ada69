"""Makes the pictures of docs/blur.md and prints its figures: ``python docs/images/make_kernels.py``."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from restorekit.images import contact_sheet, write_rgb
from restorekit_motion_blur.camera_shake import CameraShake
from restorekit_motion_blur.gaussian_process_blur import GaussianProcessBlur
from restorekit_motion_blur.kernel import centre, reach
from restorekit_motion_blur.lens import DefocusBlur, GaussianBlur
from restorekit_motion_blur.linear_blur import LinearBlur
from restorekit_motion_blur.spline_blur import SplineBlur
from restorekit_motion_blur.trajectory import draw_trajectories, expose
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

HERE = Path(__file__).parent
SIZES = np.arange(5, 42, 4)
COUNT = 1000
LAWS = {
    "trajectory_blur": TrajectoryBlur(),
    "gaussian_process_blur": GaussianProcessBlur(),
    "spline_blur": SplineBlur(),
    "linear_blur": LinearBlur(),
}


def picture(kernel: np.ndarray, side: int = 108) -> np.ndarray:
    """A kernel in white on black, enlarged."""
    scale = side // len(kernel)
    grey = np.rint(kernel / kernel.max() * 255).astype(np.uint8).repeat(scale, 0).repeat(scale, 1)
    return np.repeat(grey[..., None], 3, axis=2)


def kernels() -> None:
    """A row of kernels of each degradation."""
    rows = [
        [picture(kernel) for kernel in law.draw(np.random.default_rng(1), 27, 8)] for law in LAWS.values()
    ]
    captions = [[name] + [""] * 7 for name in LAWS]
    for name, blurs in {
        "defocus_blur": [DefocusBlur((radius, radius)) for radius in np.linspace(0.75, 6, 8)],
        "gaussian_blur": [GaussianBlur((sigma, sigma)) for sigma in np.linspace(0.5, 3, 8)],
    }.items():
        drawn = [blur.sample(np.random.default_rng(0), 0, 0)["kernel"] for blur in blurs]
        padded = [np.pad(kernel, (27 - len(kernel)) // 2) for kernel in drawn]
        rows.append([picture(kernel) for kernel in padded])
        captions.append([name] + [""] * 7)
    nodes = CameraShake(sizes=(27,), grid=8).sample(np.random.default_rng(5), 154, 154)["kernel"]
    rows.append([picture(nodes[9 * node]) for node in range(8)])
    captions.append(["camera_shake"] + [""] * 7)
    write_rgb(HERE / "kernels.png", contact_sheet(rows, captions))


def trajectories(anxiety: float, length: float) -> np.ndarray:
    """Many paths of one anxiety and length."""
    return draw_trajectories(np.random.default_rng(2), np.full(COUNT, anxiety), np.full(COUNT, length))


def extent(paths: np.ndarray) -> np.ndarray:
    """The longer side of the bounding box."""
    return 2 * reach(centre(paths, "box"))


def band(axes: Axes, x: np.ndarray, values: list[np.ndarray], label: str) -> None:
    """The median, and between which values nine tenths lie."""
    low, middle, high = np.percentile(values, [5, 50, 95], axis=1)
    (line,) = axes.plot(x, middle, marker="o", markersize=3, label=label)
    axes.fill_between(x, low, high, color=line.get_color(), alpha=0.15)


def statistics() -> None:
    """Four panels, and figures in words."""
    figure = Figure(figsize=(10, 8), layout="constrained")
    (by_size, by_fill), (by_anxiety, by_exposure) = figure.subplots(2, 2)
    drawn = {
        name: [law.draw(np.random.default_rng(size), int(size), COUNT) for size in SIZES]
        for name, law in LAWS.items()
    }
    for name, sets in drawn.items():
        used = [kernels > 1e-3 * kernels.max(axis=(1, 2), keepdims=True) for kernels in sets]
        sides = [np.maximum(u.any(axis=1).sum(axis=1), u.any(axis=2).sum(axis=1)) for u in used]
        band(by_size, SIZES, sides, name)
        band(by_fill, SIZES, [u.mean(axis=(1, 2)) for u in used], name)
        off = max(float(np.abs(kernels.sum(axis=(1, 2), dtype=np.float64) - 1).max()) for kernels in sets)
        print(f"{name}: |sum - 1| at most {off:.1e}")
    by_size.plot(SIZES, SIZES, color="grey", linestyle=":", label="the size")
    by_size.set(xlabel="size (px)", ylabel="longer side of the kernel's box (px)")
    by_fill.set(xlabel="size (px)", ylabel="share of the support in use")
    anxieties = np.geomspace(3e-4, 0.1, 12)
    for length in (20, 40, 60):
        band(
            by_anxiety, anxieties, [extent(trajectories(a, length)) for a in anxieties], f"length {length} px"
        )
    by_anxiety.set(xscale="log", xlabel="anxiety", ylabel="extent of the path (px)")
    shares = np.linspace(0.1, 1, 10)
    paths = trajectories(0.004, 40)
    exposed = [expose(paths, np.full(COUNT, share)) for share in shares]
    lengths = [np.hypot(*np.diff(path, axis=0).swapaxes(0, 1)).sum(axis=0) for path in exposed]
    band(by_exposure, shares, lengths, "length")
    band(by_exposure, shares, [extent(path) for path in exposed], "extent")
    by_exposure.set(xlabel="exposure (share of a path of 40 px, anxiety 0.004)", ylabel="px")
    for axes in (by_size, by_fill, by_anxiety, by_exposure):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(HERE / "kernel_statistics.png", dpi=80)
    speed = np.hypot(*np.diff(paths.astype(np.float64), axis=0).swapaxes(0, 1))
    print(
        f"speed along {COUNT} paths: {speed.min() / speed.mean():.5f} to {speed.max() / speed.mean():.5f} of the mean"
    )
    straight = trajectories(0.0, 40)
    chord = np.hypot(*(straight[-1] - straight[0]))
    print(f"anxiety 0: end to end {chord.min() / 40:.6f} to {chord.max() / 40:.6f} of the length")
    print("exposure 0.1, 0.5, 1: mean length", *(f"{lengths[i].mean() / 40:.4f}" for i in (0, 4, 9)))


if __name__ == "__main__":
    kernels()
    statistics()
