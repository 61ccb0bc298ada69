"""How many faces a detector finds, by blur, turn and size, how exactly, and how often it is wrong.

    python tests/benchmarks/detector.py --celeba CELEBA --photos DIR [--listing FILE] --yunet FILE [--own FILE]

CELEBA has ``img_align_celeba/`` and ``list_eval_partition.txt``, whose test files are taken; the photos should show
no faces, and the listing names those of the folder to take. A scene is a photo with one face laid over it under an
ellipse that fades, the eyes 37 pixels apart unless sizes are compared; it is blurred as a whole by a kernel of
``faces80``, with the protocol's noise. A face counts as found if the mean error of its five points is below a quarter
of the distance of its eyes; the truth is what YuNet finds in the sharp file. False alarms are counted in the photos,
sharp and blurred.
"""

import argparse
import json
import re
import time
from pathlib import Path

import cv2
import numpy as np

from restorekit.data.sources.folder import Folder
from restorekit.evaluation.kernels import load_kernels
from restorekit.images import read_rgb
from restorekit_faces.celeba import CELEBA_SIZE
from restorekit_faces.celeba_source import celeba_names
from restorekit_faces.finder.compose import lay, shrink, similarity
from restorekit_faces.yunet import load_detector

SIDE = 321
EYES = 37.0
NEAR = 0.25
CONDITIONS = {
    **{f"blur {low}-{low + 2}": {"sizes": (low, low + 2)} for low in (13, 17, 21, 25)},
    **{f"turn {angle}": {"turn": angle} for angle in (0, 30, 60, 90, 180)},
    **{f"turn {angle}, blur 13-15": {"turn": angle, "sizes": (13, 15)} for angle in (30, 60, 90)},
    **{f"eyes {eyes}": {"eyes": eyes} for eyes in (6, 9, 14, 80)},
}


def blurred(pixels, kernel, rng):
    """A picture of the same size, blurred and noisy, as 8-bit RGB."""
    if kernel is not None:
        pixels = cv2.filter2D(
            pixels.astype(np.float32), -1, kernel[::-1, ::-1], borderType=cv2.BORDER_REFLECT_101
        )
        pixels = np.rint(np.clip(pixels + rng.standard_normal(pixels.shape), 0, 255)).astype(np.uint8)
    return pixels


def scene(photo, face, points, turn, eyes, rng):
    """A photo with a face in it, and the face's points."""
    ground = cv2.resize(photo[: min(photo.shape[:2]), : min(photo.shape[:2])], (SIDE, SIDE))
    pixels, factor = shrink(face, eyes / EYES)
    points = (points + 0.5) / factor - 0.5
    apart, middle = np.hypot(*(points[1] - points[0])), points.mean(axis=0)
    reach = min(eyes * 2, SIDE / 3)
    angle = np.radians(turn * rng.choice([-1, 1]))
    matrix = similarity(eyes / apart, angle, 1, middle, rng.uniform(reach, SIDE - reach, 2))
    across = (np.arange(pixels.shape[1]) - middle[0]) / (2.1 * apart)
    down = (np.arange(pixels.shape[0])[:, None] - middle[1]) / (2.6 * apart)
    cover = np.clip((1 - np.hypot(across, down)) / 0.15, 0, 1).astype(np.float32)
    lay(ground, pixels, cover, matrix)
    return ground, points @ matrix[:, :2].T + matrix[:, 2]


def nearest(found, points):
    """The mean error of the nearest face's points, in eye distances, and its score."""
    eyes = np.hypot(*(points[1] - points[0]))
    errors = [(float(np.hypot(*(face.landmarks - points).T).mean() / eyes), face.score) for face in found]
    return min(errors, default=(float("inf"), 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("celeba", "photos", "listing", "yunet", "own", "out"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--faces", type=int, default=60)
    parser.add_argument("--only", default="", help="A pattern of what is measured.")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    yunet = load_detector(args.yunet)
    detectors = {"yunet": yunet} | ({"own": load_detector(args.own)} if args.own else {})
    photos, bank = Folder(args.photos, args.listing), load_kernels("faces80")
    names = celeba_names(args.celeba, "test")
    folder = args.celeba / "img_align_celeba"
    truths = []
    for name in names[:: max(len(names) // args.faces, 1)][: args.faces]:
        sharp = read_rgb(folder / name)
        if sharp.shape[:2] == CELEBA_SIZE and (found := yunet(sharp)):
            truths.append((sharp, found[0].landmarks))
    print(f"{len(truths)} faces, {len(photos)} photos", flush=True)
    table = {}
    for condition, keys in CONDITIONS.items():
        if not re.search(args.only, condition):
            continue
        errors = {name: [] for name in detectors}
        for number, (face, points) in enumerate(truths):
            rng = np.random.default_rng([number, 0])
            turn, eyes = keys.get("turn", rng.uniform(0, 10)), keys.get("eyes", EYES)
            picture, here = scene(photos[number % len(photos)].sharp, face, points, turn, eyes, rng)
            kernels = [
                k for k, size in zip(bank.kernels, bank.sizes, strict=True) if size in keys.get("sizes", ())
            ]
            picture = blurred(picture, kernels[number % len(kernels)] if kernels else None, rng)
            for name, detector in detectors.items():
                errors[name].append(nearest(detector(picture), here))
        row = {}
        for name, values in errors.items():
            hits = [value for value, _ in values if value < NEAR]
            row[name] = {
                "found": len(hits) / len(values),
                "error": float(np.median(hits)) if hits else None,
                "each": values,
            }
        table[condition] = row
        said = "; ".join(f"{n} {r['found']:.3f} at {r['error'] or 0:.3f}" for n, r in row.items())
        print(f"{condition:24} {said}", flush=True)
    for mode in ("sharp", "blurred"):
        if not re.search(args.only, f"alarms {mode}"):
            continue
        for name, detector in detectors.items():
            alarms, area, scores, start = 0, 0, [], time.process_time()
            for number in range(len(photos)):
                kernel = bank.kernels[number % 80] if mode == "blurred" else None
                picture = blurred(photos[number].sharp, kernel, np.random.default_rng(number))
                found = detector(picture)
                alarms, area = alarms + len(found), area + picture[..., 0].size / 1e6
                scores += [round(face.score, 2) for face in found]
            rate = alarms / area
            table.setdefault(f"alarms {mode}", {})[name] = rate
            took = (time.process_time() - start) / area
            print(
                f"alarms, {mode:8} {name}: {rate:.2f} a megapixel, {took:.2f} s a megapixel, {sorted(scores)}"
            )
    if args.out:
        args.out.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
