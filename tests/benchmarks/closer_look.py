"""What a closer look at large faces brings back, beside the first look alone.

``python tests/benchmarks/closer_look.py FACES DETECTOR [COUNT] [BUNDLE]`` blurs COUNT (8) faces that are larger than
the model's geometry, such as CelebA-HQ at 256 x 256, by eight kernels of faces80 at half, one, one and a half and two
times their size, adds noise of 1/255, writes every second one as a JPEG of quality 90, and restores them as photos. For
each kernel and size it prints how many faces were looked at closer; the PSNR of the blurred ones within ellipses, and
the gain by the first look and by both, in dB; and the share of the truth's detail finer than the geometry that is
there: its product with the truth's own, divided by the square of that, summed over the faces.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from photo_faces import KERNELS, psnr

from restorekit.evaluation.kernels import load_kernels
from restorekit.images import Picture, read_rgb
from restorekit.restore.load import load_restorer
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.crop import take_crop
from restorekit_faces.framing import Faces
from restorekit_faces.geometry import align, template_of
from restorekit_faces.view import FacesView

SIZES = (0.5, 1, 1.5, 2)
ELLIPSE = ((64, 66), (38, 50))
"""Middle and half axes of a face in the geometry of 128 x 128."""


def enlarged(kernel, times):
    """A kernel as it acts on a picture that is larger by a factor, odd sides, sum 1."""
    kernel = kernel.astype(np.float32)
    if times < 1:
        kernel = cv2.GaussianBlur(kernel, (0, 0), 0.6)
    side = int(np.ceil(len(kernel) * times)) | 1
    shift = (side - 1) / 2 - times * (len(kernel) - 1) / 2
    matrix = np.array([(times, 0, shift), (0, times, shift)])
    made = cv2.warpAffine(kernel, matrix, (side, side), flags=cv2.INTER_CUBIC).clip(0)
    return made / made.sum()


def blurred(sharp, kernel, rng, jpeg):
    """Blur and add noise; H,W,3 uint8."""
    wide = cv2.filter2D(
        sharp.astype(np.float32) / 255, -1, kernel[::-1, ::-1], borderType=cv2.BORDER_REFLECT_101
    )
    seen = np.rint((wide + rng.normal(0, 1 / 255, wide.shape)).clip(0, 1) * 255).astype(np.uint8)
    if jpeg:
        seen = cv2.imdecode(cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], cv2.IMREAD_COLOR)
    return seen


def finer(pixels, placement):
    """What of a picture the crop of a placement does not show."""
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(take_crop(pixels, placement), placement.matrix, pixels.shape[1::-1], flags=flags)
    return pixels / 255 - shown


def main(faces, detector, count=8, bundle=None):
    rng = np.random.default_rng(4)
    steady = Steady(load_restorer(bundle))
    template = template_of(steady.restorer.footprint.geometry)
    look = Faces(detector=Path(detector)).build(steady.restorer)
    kernels = load_kernels("faces80").kernels
    subjects = []
    for file in sorted(Path(faces).glob("*.jpg"))[: int(count)]:
        sharp = read_rgb(file)
        placement = align(look.find(sharp)[0].landmarks, template)
        mask = np.zeros((template.size,) * 2, np.float32)
        cv2.ellipse(mask, *ELLIPSE, 0, 0, 360, 1, -1)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        mask = cv2.warpAffine(mask, placement.matrix, sharp.shape[1::-1], flags=flags) > 0.5
        subjects.append((sharp, placement, mask))
    total = []
    for number in KERNELS:
        for times in SIZES:
            kernel, rows, looks = enlarged(np.asarray(kernels[number]), times), [], 0
            for i, (sharp, placement, mask) in enumerate(subjects):
                seen = blurred(sharp, kernel, rng, jpeg=i % 2)
                found = look.find(seen)
                views = [FacesView(seen, found, template, look._framing) for _ in range(2)] if found else []
                made = [seen]
                for view, closer in zip(views, (False, True), strict=False):
                    if not closer:
                        view.closer = lambda parts: {}
                    (each,) = restore_pictures(steady, [Picture(seen)], lambda pixels, view=view: view)
                    made.append(each.picture.pixels)
                made += [seen] * (3 - len(made))
                looks += not np.array_equal(made[1], made[2])
                true = finer(sharp, placement)[mask]
                rows.append(
                    [psnr(each, sharp, mask) for each in made]
                    + [(finer(each, placement)[mask] * true).sum() for each in made]
                    + [(true**2).sum()]
                )
            rows = np.array(rows)
            total.append(rows)
            report(f"kernel {number} x {times}: {looks} of {len(rows)} closer", rows)
    report(f"all, {len(total) * len(subjects)} faces", np.concatenate(total))


def report(what, rows):
    """Print means."""
    before, first, both = rows[:, :3].mean(axis=0)
    shares = rows[:, 3:6].sum(axis=0) / rows[:, 6].sum()
    print(
        f"{what}; {before:.1f} dB, {first - before:+.2f} by the first look, {both - before:+.2f} by both; fine detail "
        + ", ".join(f"{share:.2f}" for share in shares),
        flush=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
