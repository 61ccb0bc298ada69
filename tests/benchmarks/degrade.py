"""What degrading costs: ``python tests/benchmarks/degrade.py [--step]``, in ratios on one machine.

Blurs 16 faces of 128 x 128 with kernels of 27 as we do, by FFT, by grouped convolution, and image by image with
OpenCV's filter2D and albumentations' MotionBlur. ``--step`` also takes a training step of ``face_mt`` (a minute).
"""

import os
import sys
import time
from collections.abc import Callable

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations
import cv2
import numpy as np
import torch
from torch.nn.functional import conv2d

from restorekit import load_recipe
from restorekit.data.degrade import degrade
from restorekit.data.loader import batches
from restorekit.data.samples import stage_samples
from restorekit.training.processes import Processes
from restorekit.training.spans import spans
from restorekit.training.trainer import Trainer
from restorekit_motion_blur.convolve import convolve
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

BATCH, SIZE, KERNEL = 16, 128, 27


def seconds(work: Callable[[], object], times: int = 15) -> float:
    """The median time of some runs, after one to warm up."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def blurs() -> None:
    """Compare ways to blur a batch, each image with its own kernel."""
    rng = np.random.default_rng(0)
    side = SIZE + KERNEL - 1
    images = torch.rand(BATCH, 3, side, side)
    kernels = torch.from_numpy(TrajectoryBlur().draw(rng, KERNEL, BATCH))
    pictures = [(image.permute(1, 2, 0).numpy() * 255).astype(np.uint8) for image in images]
    motion = albumentations.Compose([albumentations.MotionBlur(blur_limit=(KERNEL, KERNEL), p=1)], seed=0)

    def fft() -> torch.Tensor:
        spectra = torch.fft.rfft2(images) * torch.fft.rfft2(kernels, s=(side, side))[:, None]
        return torch.fft.irfft2(spectra, s=(side, side))[..., KERNEL - 1 :, KERNEL - 1 :]

    def summed() -> torch.Tensor:
        flipped = kernels.flip(-2, -1).repeat_interleave(3, dim=0)[:, None]
        return conv2d(images.reshape(1, -1, side, side), flipped, groups=3 * BATCH)

    def filter2d() -> list[np.ndarray]:
        pairs = zip(pictures, kernels.numpy(), strict=True)
        return [cv2.filter2D(picture, -1, kernel[::-1, ::-1]) for picture, kernel in pairs]

    ways = {
        "ours": lambda: convolve(images, kernels),
        "by FFT": fft,
        "summed (grouped conv)": summed,
        "filter2D loop": filter2d,
        "MotionBlur loop": lambda: [motion(image=picture) for picture in pictures],
    }
    taken = {name: seconds(work) for name, work in ways.items()}
    for name, time_taken in taken.items():
        ratio = time_taken / taken["ours"]
        print(f"{name:22} {BATCH / time_taken:7.0f} images/s, {ratio:5.2f} times the time of ours")


def share_of_step() -> None:
    """Compare degrading a batch with a whole training step of the paper's network on it."""
    recipe = load_recipe(
        "face_mt", ['data.train={type="samples"}', 'data.crop="random"', 'validation.source={type="samples"}']
    )
    stage = recipe.stages[0]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    (drawn,) = batches(stage_samples(recipe, stage), first=0, count=1, batch=stage.batch, workers=0)
    trainer = Trainer(recipe, Processes(device))
    trainer.enter(spans(recipe.stages)[0])

    def synchronised(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            work()
            if device.type == "cuda":
                torch.cuda.synchronize()

        return run

    degrading = seconds(synchronised(lambda: degrade(drawn, stage.degradations, device)))
    step = seconds(synchronised(lambda: trainer.step(drawn)), times=1)
    print(
        f"degrading {stage.batch} images: {1e3 * degrading:.1f} ms, {degrading / step:.2%} of a step of "
        f"face_multitask ({step:.2f} s, {device})"
    )


if __name__ == "__main__":
    print(f"{torch.get_num_threads()} threads")
    blurs()
    if "--step" in sys.argv:
        share_of_step()
