"""Makes astronaut_blurred.png: scikit-image's astronaut (public domain, NASA) at CelebA's face size, camera-shaken.

Run ``python docs/images/make_astronaut.py``; then ``restorekit deblur --compare`` makes the other pictures.
"""

from pathlib import Path

import numpy as np
import torch
from skimage import data, transform

from restorekit.images import write_rgb
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SCALE = 37 / 48  # her eyes are 48 px apart, CelebA's 37

picture = transform.rescale(data.astronaut() / 255, SCALE, channel_axis=2, anti_aliasing=True)
blur = TrajectoryBlur(sizes=(21,), kernels=0)
rng = np.random.default_rng(11)
kernel = torch.from_numpy(blur.sample(rng, 0, 0)["kernel"])[None]
sharp = torch.from_numpy(picture[:200, 70:278].astype(np.float32)).permute(2, 0, 1)[None]
blurred = blur.apply(sharp, kernel)[0].permute(1, 2, 0).numpy()
blurred += rng.normal(0, 1 / 255, blurred.shape)
write_rgb(
    Path(__file__).parent / "astronaut_blurred.png", (blurred.clip(0, 1) * 255).round().astype(np.uint8)
)
