"""How often a face is wrongly taken for sharp or for blurred: by the network's kernel, and by the width of its edges.

    python tests/benchmarks/decisions.py measure OUT.jsonl --celeba DIR --list FILE --large DIR --detector FILE
        [--model BUNDLE] [--sharp 100] [--faces 25] [--others 12] [--only NAME ...]
    python tests/benchmarks/decisions.py tell OUT.jsonl [--curve CURVE.png]

``measure`` adds a line for each face to OUT.jsonl, and goes on where it was stopped. Sharp and blurred faces are made
of CelebA's test files (``--list``), which have the geometry's size, and of larger ones (``--large``, CelebA-HQ, as they
are or enlarged first; a detector finds their faces): ``--sharp`` sharp ones, ``--faces`` by each of the 80 kernels of
``faces80``, and ``--others`` in each other condition. All are 8 bits with noise of 1/255, unless the condition says
otherwise. Blur is the standard deviation of the kernel, pixels of the picture or of the geometry, the larger ones.

``tell`` prints, for each condition, how many faces are decided wrongly at some limits, and draws the share of sharp
faces that are touched against that of blurred ones that are left alone, over all limits, every condition counting
alike. Slight blur, of which either may be wanted, is counted apart. For motion it prints by how many dB the face's crop
gets better if it is restored.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from restorekit.evaluation.convolution import convolve, to_8_bit
from restorekit.evaluation.kernels import load_kernels
from restorekit.images import read_rgb
from restorekit.restore.load import load_restorer
from restorekit_faces.blur import is_enlarged
from restorekit_faces.crop import take_crop
from restorekit_faces.geometry import align, settle, template_of, whole_shift
from restorekit_faces.view import blur_by_edges
from restorekit_faces.yunet import load_detector

CROP = np.s_[68:196, 25:153]
EYES = np.array([(70, 113), (107, 113)]) - (25, 68)
LIMITS = {"edges": (1.1, 1.45, 1.7), "kernel": (0.6, 0.8, 0.9, 1.0)}
BATCH = 16


def motion(length, degrees):
    """Straight motion as a kernel: the line drawn 16 times as large, and shrunk."""
    side, fine = length + 2 + length % 2 + 1, 16
    large = np.zeros((side * fine, side * fine), np.float32)
    turn = np.deg2rad(degrees)
    half = np.array([np.cos(turn), np.sin(turn)]) * length * fine / 2
    middle = np.full(2, side * fine / 2)
    ends = [tuple(np.rint(middle + sign * half).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(large, *ends, 1.0, fine)
    kernel = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA).astype(np.float64)
    return kernel / kernel.sum()


def spoilt(pixels, kernel, rng, noise=1.0, quality=None):
    """Blur a picture (beyond its border it is mirrored), add noise, round, and compress it."""
    reach = len(kernel) // 2
    wide = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    made = to_8_bit(convolve(wide, kernel) + noise * rng.standard_normal(pixels.shape))
    if quality is None:
        return made
    _, data = cv2.imencode(".jpg", made[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def resized(pixels, factor):
    size = tuple(round(side * factor) for side in pixels.shape[1::-1])
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


class Faces:
    """Faces with their places, by number."""

    def __init__(self, given, template):
        names = Path(given.list).read_text().split()
        self._aligned = [Path(given.celeba) / "img_align_celeba" / name for name in names]
        self._large = sorted(Path(given.large).glob("*.jpg"))
        self._detector = load_detector(Path(given.detector))
        self._template, self._found = template, {}

    def aligned(self, n):
        """A file of CelebA, and the place of its crop."""
        pixels = read_rgb(self._aligned[n % len(self._aligned)])
        return pixels, whole_shift(25, 68, self._template.size)

    def large(self, n):
        """A larger face, and its place; None where the detector sees none."""
        n %= len(self._large)
        pixels = read_rgb(self._large[n])
        if n not in self._found:
            faces = self._detector(pixels)
            self._found[n] = max(faces, key=lambda face: face.box[2], default=None)
        face = self._found[n]
        return pixels, face and settle(align(face.landmarks, self._template), *pixels.shape[:2])


def enlarged(pixels, placement, factor):
    """The same face in a picture that is larger by a factor."""
    middle = (factor - 1) / 2
    matrix = placement.matrix.copy()
    matrix[:, :2] /= factor
    matrix[:, 2] -= matrix[:, :2].sum(axis=1) * middle
    return resized(pixels, factor), replace(placement, matrix=matrix, warped=True)


def conditions(given):
    """Kind, name, how many, and what gives the picture of a number, the face's place, and how to spoil it."""
    delta, sets = np.ones((1, 1)), {n: load_kernels(n).kernels for n in ("faces80", "faces80-laws")}
    few = given.others

    def each(kind, name, count, where, kernel=lambda n: delta, factor=1.0, **how):
        def make(faces, n):
            pixels, placement = where(faces, n)
            if placement is not None and factor != 1:
                pixels, placement = enlarged(pixels, placement, factor)
            return pixels, placement, kernel(n), how

        return kind, name, count, make

    def of(name):
        return lambda n: sets[name][7 * n % len(sets[name])]

    def along(length):
        return lambda n: motion(length, 15 * n)

    yield each("sharp", "sharp", given.sharp, Faces.aligned)
    yield each("sharp", "sharp, CelebA-HQ", 66, Faces.large)
    yield each(
        "blurred",
        "faces80",
        80 * given.faces,
        lambda f, n: f.aligned(n // 80),
        lambda n: sets["faces80"][n % 80],
    )
    yield each("blurred", "faces80-laws", 8 * few, Faces.aligned, of("faces80-laws"))
    for what, how in {
        "JPEG 50": {"quality": 50},
        "JPEG 75": {"quality": 75},
        "JPEG 95": {"quality": 95},
        "noise 4/255": {"noise": 4.0},
        "noise 8/255": {"noise": 8.0},
    }.items():
        yield each("sharp", f"sharp, {what}", 2 * few, Faces.aligned, **how)
        yield each("blurred", f"faces80, {what}", few, Faces.aligned, of("faces80"), **how)
    for length in (2, 3, 4, 5, 7):
        kind = "blurred" if length > 3 else "slight"
        yield each(kind, f"motion {length} px", few, Faces.aligned, along(length))
    yield each("sharp", "half as large, sharp", few, Faces.aligned, factor=0.5)
    for length in (4, 6, 9):
        yield each("blurred", f"half as large, motion {length} px", few, Faces.aligned, along(length), 0.5)
    for length in (4, 6, 9):
        kind = "blurred" if length > 4 else "slight"
        yield each(kind, f"256 px, motion {length} px", few, Faces.large, along(length))
    for side, lengths in ((512, (13, 19)), (1024, (25, 37))):
        yield each("sharp", f"{side} px, sharp", few, Faces.large, factor=side / 256)
        for length in lengths:
            name = f"{side} px, motion {length} px"
            yield each("blurred", name, few, Faces.large, along(length), side / 256)


def measure(given):
    restorer = load_restorer(given.model)
    template = template_of(restorer.footprint.geometry)
    faces, out = Faces(given, template), Path(given.out)
    known = map(json.loads, out.read_text().splitlines()) if out.exists() else ()
    done = {(told["name"], told["n"]) for told in known}
    with out.open("a") as file:
        for kind, name, count, make in conditions(given):
            if given.only and name not in given.only:
                continue
            due = [n for n in range(count) if (name, n) not in done]
            for first in range(0, len(due), BATCH):
                lines, crops, scales, true = [], [], [], []
                for n in due[first : first + BATCH]:
                    pixels, placement, kernel, how = make(faces, n)
                    if placement is None:
                        continue
                    seen = spoilt(pixels, kernel, np.random.default_rng([n, len(name)]), **how)
                    crops.append(take_crop(seen, placement))
                    scales.append(max(placement.scale, 1))
                    true.append(take_crop(pixels, placement))
                    lines.append(
                        {
                            "kind": kind,
                            "name": name,
                            "n": n,
                            "edges": round(blur_by_edges(seen, placement, template), 3),
                            "enlarged": is_enlarged(covered(seen, placement)),
                        }
                    )
                if not lines:
                    continue
                stack = np.stack(crops)
                told = restorer.examine(stack, stack)
                if name.startswith("motion"):
                    made = restorer.restore_arrays(stack)
                    for line, *each in zip(lines, true, stack, made, strict=True):
                        line["gain"] = round(gain(*each), 2)
                for line, facts, scale in zip(lines, told, scales, strict=True):
                    line["kernel"] = round(facts["kernel_blur"] / scale, 3)
                    print(json.dumps(line), file=file, flush=True)


def gain(true, before, after):
    """By how many dB of PSNR a crop got better."""
    errors = [np.square(each - true, dtype=np.float64).mean() for each in (before, after.clip(0, 1))]
    return 10 * np.log10(errors[0] / errors[1])


def covered(pixels, placement):
    """What a crop covers of a picture."""
    left, upper, right, lower = (max(side, 0) for side in placement.bounds())
    return pixels[upper:lower, left:right]


def wrong(values, kind, limit):
    """How many are decided wrongly, or, of those that are neither sharp nor clearly blurred, left alone."""
    return int((values >= limit).sum() if kind == "sharp" else (values < limit).sum())


def tell(given):
    lines = [json.loads(line) for line in Path(given.out).read_text().splitlines()]
    groups = defaultdict(list)
    for line in lines:
        groups[line["kind"], line["name"]].append(line)
    print("  ".join(f"{how} < {limit}" for how, limits in LIMITS.items() for limit in limits))
    for kind in ("sharp", "blurred", "slight"):
        print(f"\n{kind}: " + {"sharp": "touched", "blurred": "left alone", "slight": "left alone"}[kind])
        for (its, name), group in groups.items():
            if its != kind:
                continue
            row = []
            for how, limits in LIMITS.items():
                values = np.array([line[how] for line in group])
                row += [f"{wrong(values, kind, limit):5d}" for limit in limits]
            spread = " ".join(f"{v:.2f}" for v in np.percentile(values, (0, 2, 50, 98, 100)))
            more = f"; enlarged {sum(line['enlarged'] for line in group)}"
            gains = [line["gain"] for line in group if "gain" in line]
            more += f"; gain {np.mean(gains):+.2f} dB, least {min(gains):+.2f}" if gains else ""
            print(f"  {name:28s} of {len(group):4d}:" + "".join(row) + f"   kernel {spread}{more}")
    if given.curve:
        draw(lines, Path(given.curve))


def draw(lines, path):
    """Draw the sharp faces that are touched against the blurred ones left alone, and both over the limit."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    limits = np.arange(0, 4.001, 0.02)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for how, colour in (("edges", "tab:orange"), ("kernel", "tab:blue")):
        shares = {
            kind: np.array([np.mean(wrongs(lines, kind, how, limit)) for limit in limits])
            for kind in ("sharp", "blurred")
        }
        left.plot(100 * shares["blurred"], 100 * shares["sharp"], color=colour, label=f"by the {how}")
        right.plot(limits, 100 * shares["sharp"], ":", color=colour, label=f"sharp, touched, by the {how}")
        right.plot(limits, 100 * shares["blurred"], color=colour, label=f"blurred, left, by the {how}")
    left.set(
        xlim=(-0.3, 15),
        ylim=(-0.3, 15),
        xlabel="blurred faces left alone, %",
        ylabel="sharp faces touched, %",
    )
    right.set(xlim=(0, 3.2), ylim=(-0.3, 15), xlabel="limit, px", ylabel="wrong, %")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=100)


def wrongs(lines, kind, how, limit):
    """For each condition of a kind the share that is decided wrongly, so that all count alike."""
    groups = defaultdict(list)
    for line in lines:
        if line["kind"] == kind:
            groups[line["name"]].append(line[how])
    return [wrong(np.array(values), kind, limit) / len(values) for values in groups.values()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("measure")
    one.set_defaults(call=measure)
    one.add_argument("out")
    for name in ("celeba", "list", "large", "detector"):
        one.add_argument(f"--{name}", required=True)
    one.add_argument("--model")
    one.add_argument("--sharp", type=int, default=100)
    one.add_argument("--faces", type=int, default=25)
    one.add_argument("--others", type=int, default=12)
    one.add_argument("--only", nargs="+")
    two = commands.add_parser("tell")
    two.set_defaults(call=tell)
    two.add_argument("out")
    two.add_argument("--curve")
    given = parser.parse_args()
    given.call(given)


if __name__ == "__main__":
    main()
