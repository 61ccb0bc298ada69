"""Validation while training: the averaged weights on fixed, fixedly degraded images, and a sheet of the first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit.contracts import Batch, Measure, Metric
from restorekit.contracts.metric import apply_metric
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import batches
from restorekit.data.samples import VALIDATION, Samples
from restorekit.errors import RestorekitError
from restorekit.images import contact_sheet, write_rgb
from restorekit.plugins import registry
from restorekit.recipe import Recipe
from restorekit.recipe.part import part_name
from restorekit.training.objective import Levels, encode

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from restorekit.contracts import Array

SHEET = 8
"""Images on a sample sheet."""

SSIM_LEAST = 11
"""The smallest picture that has an SSIM, pixels."""


class Validator:
    """Restores the recipe's validation images, cut, reduced and degraded as the recipe says, whatever its stages say.

    Args:
        recipe: The recipe, with a ``[validation]`` table.
        device: Where to compute.
        folder: Where sample sheets go.

    Raises:
        RestorekitError: The recipe has no such table, or its images cannot be used.
    """

    def __init__(self, recipe: Recipe, device: torch.device, folder: Path) -> None:
        if recipe.validation is None:
            raise RestorekitError("the recipe has no [validation]")
        self._recipe, self._device, self._folder = recipe, device, folder
        self.unreadable: list[str] = []
        """What is wrong with the images that others took the place of."""
        self.sheet: Array
        """The newest sample sheet, H,W,3 uint8 RGB."""
        self._metrics = {
            part_name("metric", metric): (metric, metric.build()) for metric in recipe.validation.metrics
        }
        self._count = min(recipe.validation.images, len(recipe.validation.source))
        self._samples = Samples(
            source=recipe.validation.source,
            seed=recipe.seed,
            stream=VALIDATION,
            size=recipe.data.size,
            crop=recipe.data.crop,
            degradations=recipe.degradations,
            tasks=recipe.tasks,
            reduce=recipe.data.reduce,
        )
        self._samples[0]  # what is wrong with the images is said before the run begins

    def __call__(self, module: nn.Module, step: int) -> dict[str, float]:
        """Return the means over the restored images, and over the degraded ones as ``*_input``; write ``step-N.png``.

        Returns:
            ``psnr`` in dB, of float images clamped to [0, 1], ``ssim`` of 8-bit ones (the metric ``ssim_rgb``), if they
            are large enough for its window, and the metrics that the recipe names, of 8-bit ones.
        """
        import torch

        scores: list[dict[str, float]] = []
        self.unreadable = []
        training = module.training
        module.eval()
        with torch.inference_mode():
            for first in range(0, self._count, SHEET):
                batch, levels = self._batch(first, min(SHEET, self._count - first))
                restored = module({"image": levels.inputs["image"]})["image"][-1].float().clamp(0, 1)
                degraded = _as_large(batch.degraded, batch.sharp)
                scores += _scores(restored, degraded, batch.sharp, self._metrics)
                if first == 0:
                    self.sheet = self._sheet(module, batch, levels, restored)
        module.train(training)
        self._folder.mkdir(exist_ok=True)
        write_rgb(self._folder / f"step-{step:08d}.png", self.sheet)
        return {name: round(float(np.mean([each[name] for each in scores])), 4) for name in scores[0]}

    def _batch(self, first: int, size: int) -> tuple[Batch, Levels]:
        (drawn,) = batches(self._samples, first=first, count=1, batch=size, workers=0)
        self.unreadable += drawn.unreadable
        batch = degrade(drawn, self._recipe.degradations, self._device)
        draws = to_device(drawn.draws, self._device)
        return batch, encode(batch, self._recipe.tasks, draws, self._recipe.network.scales)

    def _sheet(self, module: nn.Module, batch: Batch, levels: Levels, restored: Tensor) -> Array:
        """Lay out a row for each image: degraded, restored, sharp, and in and out of each other task."""
        degraded = _as_large(batch.degraded, batch.sharp)
        columns = {"degraded": degraded, "restored": restored, "sharp": batch.sharp}
        tasks = self._recipe.tasks
        others = {name: task for name, task in tasks.items() if name != "image" and task.spatial}
        if others:
            outputs = module({name: levels.inputs[name] for name in others})
            for name, task in others.items():
                columns[f"{name} in"] = _visible(levels.inputs[name][-1], task.range)
                columns[f"{name} out"] = _visible(outputs[name][-1], task.range)
        pictures = [[pixels(image) for image in images] for images in columns.values()]
        return contact_sheet(list(zip(*pictures, strict=True)), header=list(columns))


def _as_large(degraded: Tensor, sharp: Tensor) -> Tensor:
    """Enlarge what a degradation has shrunk, bicubic, to be seen and scored beside the sharp images."""
    from torch.nn.functional import interpolate

    if degraded.shape == sharp.shape:
        return degraded
    return interpolate(degraded, size=sharp.shape[-2:], mode="bicubic", align_corners=False).clamp(0, 1)


def _scores(
    restored: Tensor, degraded: Tensor, sharp: Tensor, metrics: Mapping[str, tuple[Metric, Measure]]
) -> list[dict[str, float]]:
    """Compare each of N,3,H,W in [0, 1]."""
    columns = {"psnr": psnr(restored, sharp), "psnr_input": psnr(degraded, sharp)}
    if min(sharp.shape[-2:]) >= SSIM_LEAST:
        ssim = registry("metric").get("ssim_rgb")()
        metrics = {"ssim": (ssim, ssim.build()), **metrics}
    truths = [pixels(image) for image in sharp]
    for name, (metric, measure) in metrics.items():
        for ending, images in (("", restored), ("_input", degraded)):
            pairs = zip(map(pixels, images), truths, strict=True)
            columns[name + ending] = [
                apply_metric(metric, measure, image, {"target": truth}) for image, truth in pairs
            ]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def psnr(images: Tensor, sharp: Tensor) -> list[float]:
    """Return the PSNR in dB of each of N,3,H,W in [0, 1]; one mean squared error over all channels, at most 100 dB."""
    error = (images - sharp).square().mean(dim=(1, 2, 3))
    return [float(value) for value in -10 * error.clamp_min(1e-10).log10()]


def pixels(image: Tensor) -> Array:
    """Round 3,H,W in [0, 1] to H,W,3 uint8."""
    picture: Array = (image * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return picture


def _visible(encoded: Tensor, bounds: tuple[float, float]) -> Tensor:
    """Map N,C,H,W of a task to N,3,H,W in [0, 1]; unless C is 3 it is the mean of the channels, in grey."""
    low, high = bounds
    image = (encoded.float() - low) / (high - low)
    if image.shape[1] != 3:
        image = image.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    return image.clamp(0, 1)
