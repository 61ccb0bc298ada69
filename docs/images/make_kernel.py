"""Make kernel.png: a blurred photo, the true and the estimated kernel, and what the network makes of it.

    python docs/images/make_kernel.py [MODEL]

The photo is the astronaut of scikit-image (NASA, in the public domain); the kernel is drawn as in training, by a seed.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from skimage import data

from restorekit import load_restorer
from restorekit.images import contact_sheet, reduced, write_rgb
from restorekit.restore.compare import kernel_picture
from restorekit_motion_blur.convolve import convolve
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SIZE, KERNEL = 256, 21


def main() -> None:
    """Make the picture."""
    model = sys.argv[1] if len(sys.argv) > 1 else "kernel-unet"
    restorer = load_restorer(model, "cpu")
    rng = np.random.default_rng(5)
    face = reduced(np.ascontiguousarray(data.astronaut()[0:282, 82:364]), SIZE + KERNEL - 1)
    sharp = torch.from_numpy(face).permute(2, 0, 1)[None].float() / 255
    kernel = TrajectoryBlur(sizes=(KERNEL,), kernels=0).sample(rng, 0, 0)["kernel"]
    blurred = convolve(sharp, torch.from_numpy(kernel)[None])
    noisy = blurred + torch.from_numpy(rng.normal(0, 1 / 255, blurred.shape).astype(np.float32))
    seen = (noisy.clamp(0, 1) * 255).round().permute(0, 2, 3, 1).numpy() / np.float32(255)
    restored = restorer.restore_arrays(seen)
    found = np.array(restorer.examine(seen, restored)[0]["kernel"], np.float32)
    true = np.pad(kernel, (len(found) - len(kernel)) // 2)

    border = KERNEL // 2
    before, after = (np.rint(image[0].clip(0, 1) * 255).astype(np.uint8) for image in (seen, restored))
    row = [
        before,
        kernel_picture(true, SIZE),
        kernel_picture(found, SIZE),
        after,
        face[border:-border, border:-border],
    ]
    header = ["blurred", "true kernel", "estimated kernel", "restored", "sharp"]
    write_rgb(Path(__file__).parent / "kernel.png", contact_sheet([row], header=header))
    print(f"correlation of the kernels {np.corrcoef(true.ravel(), found.ravel())[0, 1]:.3f}")


if __name__ == "__main__":
    main()
