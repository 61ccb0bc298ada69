"""What ``restorekit deblur`` gains on faces in a photo that is blurred as a whole.

``python tests/benchmarks/photo_faces.py FACES PHOTO DETECTOR [BUNDLE]`` lays five faces in CelebA's alignment over a
photo, at scales of 0.6 to 1.6 and turned by up to 30 degrees, blurs it all by each of eight kernels of faces80, adds
noise of 1/255, and prints how many of the faces were restored, and by how much their PSNR rose, in dB within ellipses
around them. What the detector misses counts as it is.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from restorekit.evaluation.kernels import load_kernels
from restorekit.images import Picture, read_rgb
from restorekit.restore.load import load_restorer
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.framing import Faces
from restorekit_motion_blur.convolve import convolve

KERNELS = (5, 15, 25, 35, 45, 55, 65, 75)
SIDE, SCALES, TURNS = 900, (0.6, 0.85, 1.1, 1.35, 1.6), (-30, 15, 0, -15, 30)
EYES = (88.5, 113.0)
"""The middle between the eyes in a face of 178 x 218."""


def scene(files, photo, rng):
    """A photo with faces, H,W,3 float32 in [0, 1], and a mask for each face."""
    wide = cv2.resize(photo, (SIDE, SIDE)).astype(np.float32) / 255
    masks = []
    for file, scale, turn, place in zip(files, SCALES, TURNS, rng.permutation(5), strict=True):
        face = read_rgb(file).astype(np.float32) / 255
        middle = (160 + 290 * (place % 3), 240 + 430 * (place // 3))
        warp = cv2.getRotationMatrix2D(EYES, turn, scale)
        warp[:, 2] += np.array(middle) - EYES
        soft = np.zeros(face.shape[:2], np.float32)
        cv2.ellipse(soft, (88, 125), (66, 86), 0, 0, 360, 1, -1)
        soft = cv2.GaussianBlur(soft, (0, 0), 4)
        layer, alpha = (
            cv2.warpAffine(part, warp, (SIDE, SIDE), flags=cv2.INTER_AREA) for part in (face, soft)
        )
        wide += (layer - wide) * alpha[..., None]
        masks.append(alpha > 0.9)
    return wide, masks


def photograph(sharp, kernel, rng):
    """A scene as a moving camera sees it, H,W,3 uint8, and the part of the scene that this is."""
    kernel, reach = np.asarray(kernel, np.float32), len(kernel) // 2
    given = torch.from_numpy(sharp).permute(2, 0, 1)[None]
    blurred = convolve(given, torch.from_numpy(kernel)[None])[0].permute(1, 2, 0).numpy()
    noisy = blurred + rng.normal(0, 1 / 255, blurred.shape)
    return np.rint(noisy.clip(0, 1) * 255).astype(np.uint8), np.s_[reach:-reach, reach:-reach]


def psnr(one, other, mask):
    """In dB of 8 bits, within a mask."""
    return 10 * np.log10(255**2 / np.square(one[mask].astype(float) - other[mask]).mean())


def main(faces, photo, detector, bundle=None):
    rng = np.random.default_rng(4)
    files = sorted(Path(faces).glob("*.jpg"))[:5]
    sharp, masks = scene(files, read_rgb(Path(photo)), rng)
    restorer = load_restorer(bundle)
    look = Faces(detector=Path(detector)).build(restorer)
    kernels = load_kernels("faces80").kernels
    for number in KERNELS:
        seen, inner = photograph(sharp, kernels[number], rng)
        true = np.rint(sharp[inner] * 255)
        (found,) = restore_pictures(Steady(restorer), [Picture(seen)], look)
        made = found.picture.pixels
        parts = [mask[inner] for mask in masks]
        gains = [psnr(made, true, part) - psnr(seen, true, part) for part in parts]
        count = sum(not part.left for part in found.parts or ())
        print(
            f"kernel {number}: {count} restored, {np.mean(gains):+.2f} dB, each "
            + " ".join(f"{g:+.1f}" for g in gains)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
