"""Whether restored faces are still of the same people, as SFace sees them.

    python tests/benchmarks/identity.py --celeba CELEBA --lfw LFW --sface FILE.onnx --detector FILE.onnx [--model NAME]

CELEBA has ``img_align_celeba/`` and ``test100.txt``, a hundred files of a hundred people; LFW a folder for
each person, of files in the same alignment, whose first by name is looked for among all others. Each face is
blurred by four kernels, of ``faces80`` unless another set is named, with the protocol's noise. The landmarks
by which SFace aligns a face come from the sharp picture, so that finding a blurred face has no part in the
figures. Files whose sharp face is not found are left out, and counted.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from restorekit import Restorer
from restorekit.contracts import Item
from restorekit.data.sources.folder import Folder
from restorekit.evaluation.convolution import to_8_bit
from restorekit.evaluation.degradations import FixedKernels, FixedNoise
from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.protocol import MetricStep, Protocol
from restorekit.images import read_rgb
from restorekit.recipe import Step
from restorekit.restore.load import load_restorer
from restorekit_faces.celeba import CELEBA, CelebACrop
from restorekit_faces.yunet import load_detector

KERNELS = (5, 25, 45, 75)  # of 13, 17, 21 and 27 pixels
BATCH = 20


class Recogniser:
    """SFace on 128 x 128 crops, with landmarks from the sharp file."""

    def __init__(self, sface: Path, detector: Path) -> None:
        self.net = cv2.FaceRecognizerSF.create(str(sface), "")
        self.detector = load_detector(detector)

    def landmarks(self, sharp):
        """5,2 in the crop, or None where no face is found."""
        faces = self.detector(sharp)
        x, y, _, _ = CELEBA
        return max(faces, key=lambda face: face.box[2]).landmarks - (x, y) if faces else None

    def embed(self, crop, landmarks):
        """A vector of length 1 for a 128,128,3 uint8 RGB crop."""
        row = np.concatenate([np.zeros(4), landmarks.ravel(), [1]]).astype(np.float32)
        aligned = self.net.alignCrop(np.ascontiguousarray(crop[..., ::-1]), row)
        vector = self.net.feature(aligned)[0]
        return vector / np.linalg.norm(vector)


def cropped(file: Path, protocol: Protocol):
    """The widened crop that the protocol degrades, and the sharp 128 x 128."""
    sharp = read_rgb(file)
    x, y, width, height = CELEBA
    return sharp, protocol.widened(Item(sharp, str(file))), sharp[y : y + height, x : x + width]


def restored(restorer: Restorer, crops):
    """Restore 128,128,3 uint8 crops."""
    done = []
    for start in range(0, len(crops), BATCH):
        batch = np.stack(crops[start : start + BATCH]).astype(np.float32) / 255
        done += list(to_8_bit(restorer.restore_arrays(batch) * 255))
    return done


def vectors(files, recogniser, restorer, protocol):
    """``{"sharp": N,1,D, "blurred": N,K,D, "restored": N,K,D}``, and the number of files without a face."""
    kept = []
    for number, file in enumerate(files):
        sharp, wide, crop = cropped(file, protocol)
        landmarks = recogniser.landmarks(sharp)
        if landmarks is not None:
            kept.append((landmarks, crop, [protocol.degrade(wide, number, kernel)[0] for kernel in KERNELS]))
    after = restored(restorer, [crop for _, _, blurred in kept for crop in blurred])
    result = {"sharp": [], "blurred": [], "restored": []}
    for number, (landmarks, crop, blurred) in enumerate(kept):
        mine = after[number * len(KERNELS) : (number + 1) * len(KERNELS)]
        for name, crops in {"sharp": [crop], "blurred": blurred, "restored": mine}.items():
            result[name].append([recogniser.embed(each, landmarks) for each in crops])
    return {name: np.array(rows) for name, rows in result.items()}, len(files) - len(kept)


def between(these):
    """Mean cosine of different people under the same kernel."""
    apart = ~np.eye(len(these), dtype=bool)
    return np.mean([(these[:, k] @ these[:, k].T)[apart].mean() for k in range(these.shape[1])])


def rank_1(probes, gallery, people):
    """How often the nearest of the gallery is the same person; ``people`` of probes and gallery."""
    mine, theirs = people
    nearest = (probes @ gallery.T).argmax(axis=-1)
    return np.mean(theirs[nearest] == mine[:, None])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("celeba", "lfw", "sface", "detector"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--kernels", default="faces80")
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args()
    recogniser = Recogniser(asked.sface, asked.detector)
    restorer = load_restorer(asked.model, asked.device)
    protocol = Protocol(
        name="identity",
        source=Folder(asked.celeba),
        crop=CelebACrop(),
        degradations=[Step(degradation=each) for each in (FixedKernels(Path(asked.kernels)), FixedNoise())],
        metric=[MetricStep(metric=PSNR())],
    )

    names = (asked.celeba / "test100.txt").read_text().split()
    sharp_files = [asked.celeba / "img_align_celeba" / name for name in names]
    celeba, lost = vectors(sharp_files, recogniser, restorer, protocol)
    people = sorted(folder for folder in asked.lfw.iterdir() if folder.is_dir())
    files = [sorted(folder.glob("*.jpg")) for folder in people]
    probes, missed = vectors([each[0] for each in files], recogniser, restorer, protocol)
    if missed:
        raise SystemExit(f"{missed} probes without a face")
    gallery, theirs = [], []
    for person, each in enumerate(files):
        for file in each[1:]:
            sharp, _, crop = cropped(file, protocol)
            landmarks = recogniser.landmarks(sharp)
            if landmarks is not None:
                gallery.append(recogniser.embed(crop, landmarks))
                theirs.append(person)
    labels = np.arange(len(files)), np.array(theirs)

    print(
        f"model {restorer.name}; kernels {KERNELS} of {asked.kernels}; "
        f"{len(names) - lost} of {len(names)} CelebA files;"
    )
    print(f"{len(files)} LFW probes, {len(gallery)} in the gallery\n")
    print("| | to the sharp face | different people | rank-1 |\n|---|---|---|---|")
    for name, these in celeba.items():
        to_sharp = (these * celeba["sharp"]).sum(axis=-1).mean()
        found = rank_1(probes[name], np.array(gallery), labels)
        print(f"| {name} | {to_sharp:.3f} | {between(these):.3f} | {100 * found:.2f} % |")
    print("\nrank-1 by kernel")
    for name in ("blurred", "restored"):
        each = [rank_1(probes[name][:, [k]], np.array(gallery), labels) for k in range(len(KERNELS))]
        print(name, " ".join(f"{100 * value:.0f} %" for value in each))


if __name__ == "__main__":
    main()
