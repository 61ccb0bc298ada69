"""What ``restorekit deblur --faces both`` gains on faces, and on all around them, and whether a seam shows.

``python tests/benchmarks/faces_and_rest.py FACES PHOTO DETECTOR [BUNDLE] [OUT]`` makes the scenes of photo_faces.py,
and restores each with ``--faces`` only, off and both. It prints by how much PSNR rose within the faces, and in the
rest; and how much neighbouring pixels differ across the edges of the faces' crops: in levels, and over how much they
differ four pixels further in and out, which is 1 where nothing shows. Beside it stands the truth. Pictures go to OUT.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from photo_faces import KERNELS, photograph, psnr, scene

from restorekit.evaluation.kernels import load_kernels
from restorekit.images import Picture, read_rgb, write_rgb
from restorekit.restore.load import load_restorer
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.framing import Faces

MODES = ("only", "off", "both")


def jump(pixels, placements):
    """Mean difference of pixels across the edges of crops, in levels, and over that four pixels further in and out."""
    grey = pixels.astype(float).mean(axis=2)
    levels, ratios = [], []
    for placement in placements:
        distance = depths(placement, grey.shape)
        steps = {at: across(grey, distance, at) for at in (-4, 0, 4)}
        levels.append(steps[0])
        ratios.append(2 * steps[0] / (steps[-4] + steps[4]))
    return f"{np.mean(levels):.2f}, {np.mean(ratios):.2f}"


def depths(placement, shape):
    """How many pixels of the picture each pixel lies within a crop; negative outside."""
    y, x = np.indices(shape)
    (a, b, c), (d, e, f) = placement.matrix
    u, v, size = a * x + b * y + c + 0.5, d * x + e * y + f + 0.5, placement.size
    return np.minimum.reduce([u, v, size - u, size - v]) / placement.scale


def across(grey, depth, at):
    """Mean difference of neighbours between which the depth passes a value."""
    total = []
    for axis in (0, 1):
        inside = depth >= at
        passes = np.diff(inside.astype(int), axis=axis) != 0
        total.append(np.abs(np.diff(grey, axis=axis))[passes])
    return np.concatenate(total).mean()


def main(faces, photo, detector, bundle=None, out=None):
    rng = np.random.default_rng(4)
    sharp, masks = scene(sorted(Path(faces).glob("*.jpg"))[:5], read_rgb(Path(photo)), rng)
    restorer = load_restorer(bundle or None)
    kernels = load_kernels("faces80").kernels
    for number in KERNELS:
        seen, inner = photograph(sharp, kernels[number], rng)
        true, parts = np.rint(sharp[inner] * 255), [mask[inner] for mask in masks]
        grown = cv2.dilate(np.any(parts, axis=0).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
        said = []
        for mode in MODES:
            views = []
            build = Faces(faces=mode, detector=Path(detector)).build(restorer)
            look = lambda pixels, build=build, views=views: views.append(build(pixels)) or views[-1]  # noqa: E731
            (found,) = restore_pictures(Steady(restorer), [Picture(seen)], look)
            made = found.picture.pixels
            face = np.mean([psnr(made, true, part) - psnr(seen, true, part) for part in parts])
            rest = psnr(made, true, grown) - psnr(seen, true, grown)
            said.append(f"{mode}: faces {face:+.2f}, rest {rest:+.2f}")
            if mode != "off":
                done = [
                    each
                    for each, part in zip(views[0].placements, found.parts or (), strict=True)
                    if not part.left
                ]
                said[-1] += f", jump {jump(made, done)} (truth {jump(true, done)})"
            if out:
                write_rgb(Path(out) / f"{number}-{mode}.png", made)
        if out:
            write_rgb(Path(out) / f"{number}-seen.png", seen)
        print(f"kernel {number}: {'; '.join(said)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
