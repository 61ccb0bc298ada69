"""What following faces through a clip gains, beside restoring every frame as a photo.

``python tests/benchmarks/video_faces.py FACES BACKGROUNDS DETECTOR [FRAMES] [CLIPS] [BUNDLE]`` moves faces in CelebA's
alignment, two a clip, over photos, blurs every frame by a kernel that changes from frame to frame (mixed of two of
faces80; eight frames of every 24 stay sharp), and adds noise of 1/255. In every second clip the faces stay where they
are. For each clip it prints the gain in PSNR on the faces of blurred frames, as photos and as a clip, how many sharp
frames came out bit-equal, and the flicker: by how many grey levels of 255 neighbours differ more than in the source,
over pixels that restoring changed and of which the sharp scene is still. Nothing is encoded.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from restorekit.evaluation.kernels import load_kernels
from restorekit.images import Picture, read_rgb
from restorekit.restore.frames import Frames
from restorekit.restore.load import load_restorer
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.framing import Faces
from restorekit_video.course import Course

HEIGHT, WIDTH = 240, 480
CYCLE, SHARP, TURN = 24, 8, 6
FACE = (slice(68, 196), slice(25, 153))


def scene(faces: list[np.ndarray], background: np.ndarray, number: float) -> tuple[np.ndarray, list[tuple]]:
    """Draw a frame, and say where its faces are scored."""
    frame, places = (
        cv2.resize(background, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32),
        [],
    )
    y, x = np.mgrid[:218, :178]
    mask = np.clip(6 * (1 - np.hypot((x - 88.5) / 86, (y - 118) / 98)), 0, 1)[..., None].astype(np.float32)
    for which, face in enumerate(faces):
        left = round(20 + 235 * which + 20 * np.sin(number / 9 + which))
        upper = round(11 + 10 * np.cos(number / 7 + which))
        at = slice(upper, upper + 218), slice(left, left + 178)
        frame[at] += mask * (face - frame[at])
        places.append(
            tuple(slice(a.start + b.start, a.start + b.stop) for a, b in zip(at, FACE, strict=True))
        )
    return frame, places


def kernel(kernels: list[np.ndarray], number: int) -> np.ndarray | None:
    """The blur of a frame; None for a sharp one."""
    if number % CYCLE >= CYCLE - SHARP:
        return None
    share, first = (number % TURN) / TURN, number // TURN
    one, other = (kernels[(first + i) % len(kernels)] for i in (0, 1))
    return (1 - share) * one + share * other


def psnr(one: np.ndarray, other: np.ndarray, places: list[tuple]) -> float:
    """Mean PSNR of the faces, decibels."""
    errors = [np.mean((one[at].astype(np.float64) - other[at]) ** 2) for at in places]
    return float(np.mean([10 * np.log10(255**2 / error) for error in errors]))


def flicker(now: list[np.ndarray], last: list[np.ndarray]) -> np.ndarray:
    """Sum what photos and clip change more than the source where the scene is still, and count the pixels."""
    still = (now[0] == last[0]).all(axis=2)
    change = [np.abs(one - other).mean(axis=2) for one, other in zip(now, last, strict=True)]
    sums = np.zeros((2, 2))
    for which in (0, 1):
        at = still & ((now[2 + which] != now[1]) | (last[2 + which] != last[1])).any(axis=2)
        sums[:, which] = (change[2 + which] - change[1])[at].sum(), at.sum()
    return sums


def measure(
    faces: list[np.ndarray], background: np.ndarray, kernels: list[np.ndarray], frames: int, moving: bool
) -> None:
    """Measure one clip, and print a line."""
    rng = np.random.default_rng(0)
    steady = Steady(RESTORER)
    look, course = FRAMING.build(RESTORER), Course(Frames(steady, FRAMING.follow(RESTORER), {}))
    rows, equal, sharp, figures, last = [], 0, 0, np.zeros((2, 2)), None
    for number in range(frames):
        truth, places = scene(faces, background, number if moving else 0)
        blur = kernel(kernels, number)
        seen = truth if blur is None else cv2.filter2D(truth, -1, blur.astype(np.float32)[::-1, ::-1])
        if blur is not None:
            seen = seen + rng.normal(0, 1, seen.shape)
        pixels = np.rint(np.clip(seen, 0, 255)).astype(np.uint8)
        made = course(pixels)
        (photo,) = restore_pictures(steady, [Picture(pixels)], look)
        photo = photo.picture.pixels if photo.changed else pixels
        shown = [each.astype(np.int32) for each in (truth, pixels, photo, made)]
        if last is not None:
            figures += flicker(shown, last)
        last = shown
        if blur is None:
            sharp, equal = sharp + 1, equal + np.array_equal(made, pixels)
        else:
            rows.append([psnr(each, truth, places) for each in (pixels, photo, made)])
    before, photo, made = np.mean(rows, axis=0)
    by_photo, by_clip = figures[0] / figures[1]
    share = (made - before) / (photo - before)
    print(
        f"{before:.2f} dB; photos +{photo - before:.2f}, clip +{made - before:.2f} dB ({share:.0%}); "
        f"{equal} of {sharp} sharp frames bit-equal; flicker {by_clip:+.2f} as a clip, {by_photo:+.2f} as photos",
        flush=True,
    )


if __name__ == "__main__":
    people, photos, detector, *rest = sys.argv[1:]
    count, clips = (int(each) for each in (*rest[:2], *("72", "3")[len(rest[:2]) :]))
    RESTORER = load_restorer(rest[2] if len(rest) > 2 else None, "cpu")
    FRAMING = Faces(detector=Path(detector))
    shipped = load_kernels(Path("faces80")).kernels
    largest = max(each.shape[0] for each in shipped)
    padded = [np.pad(each, (largest - each.shape[0]) // 2) for each in shipped]
    listing = Path(people, "..", "test100.txt")
    names = (
        listing.read_text().split() if listing.exists() else sorted(p.name for p in Path(people).iterdir())
    )
    grounds = sorted(Path(photos).glob("*.jpg"))
    for index in range(clips):
        pair = [read_rgb(Path(people, name)).astype(np.float32) for name in names[2 * index : 2 * index + 2]]
        drawn = np.random.default_rng(index).permutation(len(padded))
        measure(pair, read_rgb(grounds[index]), [padded[i] for i in drawn], count, index % 2 == 0)
