"""Make kernel.png: a blurred photo, the true and the estimated kernel, and what the network makes of it.

And estimated_kernels.png: 24 kernels of three laws, and beside each the one that was estimated.

    python docs/images/make_kernel.py [MODEL]

The photo is the astronaut of scikit-image (NASA, in the public domain); the kernel is drawn as in training, by a seed.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from skimage import data

from restorekit import Array, Restorer, load_restorer
from restorekit.images import contact_sheet, reduced, write_rgb
from restorekit.restore.compare import kernel_picture
from restorekit_motion_blur.convolve import convolve
from restorekit_motion_blur.gaussian_process_blur import GaussianProcessBlur
from restorekit_motion_blur.spline_blur import SplineBlur
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SIZE, KERNEL = 256, 21
HERE = Path(__file__).parent


def main() -> None:
    """Make the pictures."""
    restorer = load_restorer(sys.argv[1] if len(sys.argv) > 1 else None, "cpu")
    example(restorer)
    kernels(restorer)


def estimate(restorer: Restorer, kernel: Array, size: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Blur the face, size x size, by a kernel; return what is seen, restored and sharp, and both kernels."""
    border = len(kernel) // 2
    face = reduced(np.ascontiguousarray(data.astronaut()[0:282, 82:364]), size + 2 * border)
    sharp = torch.from_numpy(face).permute(2, 0, 1)[None].float() / 255
    blurred = convolve(sharp, torch.from_numpy(kernel)[None])
    noisy = blurred + torch.from_numpy(rng.normal(0, 1 / 255, blurred.shape).astype(np.float32))
    seen = (noisy.clamp(0, 1) * 255).round().permute(0, 2, 3, 1).numpy() / np.float32(255)
    restored = restorer.restore_arrays(seen)
    found = np.array(restorer.examine(seen, restored)[0]["kernel"], np.float32)
    true = np.pad(kernel, (len(found) - len(kernel)) // 2)
    return seen, restored, face[border:-border, border:-border], true, found


def kernels(restorer: Restorer) -> None:
    """Make estimated_kernels.png."""
    rng = np.random.default_rng(8)
    rows, alike = [], []
    for law in (TrajectoryBlur, SplineBlur, GaussianProcessBlur):
        pairs = []
        for size in (13, 15, 17, 19, 21, 23, 25, 27):
            kernel = law(sizes=(size,), kernels=0).sample(rng, 0, 0)["kernel"]
            *_, true, found = estimate(restorer, kernel, 128, rng)
            alike.append(np.corrcoef(true.ravel(), found.ravel())[0, 1])
            pairs += [kernel_picture(true, 62), kernel_picture(found, 62)]
        rows += [pairs[:8], pairs[8:]]
    header = ["true", "estimated"] * 4
    write_rgb(HERE / "estimated_kernels.png", contact_sheet(rows, header=header))
    each = np.array(alike).reshape(3, -1).mean(axis=1)
    print(
        f"kernels alike, trajectories {each[0]:.3f}, splines {each[1]:.3f}, Gaussian processes {each[2]:.3f}"
    )


def example(restorer: Restorer) -> None:
    """Make kernel.png."""
    rng = np.random.default_rng(5)
    kernel = TrajectoryBlur(sizes=(KERNEL,), kernels=0).sample(rng, 0, 0)["kernel"]
    seen, restored, face, true, found = estimate(restorer, kernel, SIZE, rng)
    before, after = (np.rint(image[0].clip(0, 1) * 255).astype(np.uint8) for image in (seen, restored))
    row = [
        before,
        kernel_picture(true, SIZE),
        kernel_picture(found, SIZE),
        after,
        face,
    ]
    header = ["blurred", "true kernel", "estimated kernel", "restored", "sharp"]
    write_rgb(HERE / "kernel.png", contact_sheet([row], header=header))
    print(f"correlation of the kernels {np.corrcoef(true.ravel(), found.ravel())[0, 1]:.3f}")


if __name__ == "__main__":
    main()
