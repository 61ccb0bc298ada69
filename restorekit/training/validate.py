"""Validation while training: PSNR of the averaged weights on fixed, fixedly degraded images, and a sample sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit.data.degrade import degrade
from restorekit.data.loader import batches
from restorekit.data.samples import VALIDATION, Samples
from restorekit.errors import RestorekitError
from restorekit.images import write_rgb
from restorekit.recipe import Recipe
from restorekit.training.objective import encode

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SHEET = 8
"""Faces on a sample sheet."""


class Validator:
    """Restores the recipe's validation images with its base degradations.

    Args:
        recipe: The recipe, with a ``[validation]`` table.
        device: Where to compute.
        folder: Where sample sheets go.

    Raises:
        RestorekitError: The recipe has no such table, or its images cannot be used.
    """

    def __init__(self, recipe: Recipe, device: torch.device, folder: Path) -> None:
        settings, parts = recipe.settings, recipe.parts
        if settings.validation is None or parts.validation is None:
            raise RestorekitError("the recipe has no [validation]")
        self._recipe, self._device, self._folder = recipe, device, folder
        self.unreadable: list[str] = []
        """What is wrong with the images that others took the place of."""
        self._count = min(settings.validation.images, len(parts.validation))
        self._samples = Samples(
            source=parts.validation,
            seed=settings.seed,
            stream=VALIDATION,
            size=settings.data.size,
            crop=settings.data.crop,
            degradations=parts.degradations,
            tasks=parts.tasks,
        )
        self._samples[0]  # what is wrong with the images is said before the run begins

    def __call__(self, module: nn.Module, step: int) -> dict[str, float]:
        """Return the mean PSNR of the restored and of the degraded images, in dB; write ``step-N.png``."""
        import torch

        rows: list[Tensor] = []
        scores: list[tuple[float, float]] = []
        self.unreadable = []
        training = module.training
        module.eval()
        with torch.inference_mode():
            for first in range(0, self._count, SHEET):
                size = min(SHEET, self._count - first)
                restored, degraded, sharp = self._restore(module, first, size)
                scores += zip(psnr(restored, sharp), psnr(degraded, sharp), strict=True)
                if not rows:
                    rows = [degraded, restored, sharp]
        module.train(training)
        self._folder.mkdir(exist_ok=True)
        write_rgb(self._folder / f"step-{step:08d}.png", sheet(rows))
        restored_mean, degraded_mean = np.mean(scores, axis=0)
        return {"psnr": round(float(restored_mean), 3), "psnr_input": round(float(degraded_mean), 3)}

    def _restore(self, module: nn.Module, first: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        parts = self._recipe.parts
        (drawn,) = batches(self._samples, first=first, count=1, batch=size, workers=0)
        self.unreadable += drawn.unreadable
        batch = degrade(drawn, parts.degradations, self._device)
        levels = encode(batch, {"image": parts.tasks["image"]}, {"image": {}}, parts.network.scales)
        restored = module(levels.inputs)["image"][-1].float()
        return restored.clamp(0, 1), batch.degraded, batch.sharp


def psnr(images: Tensor, sharp: Tensor) -> list[float]:
    """Return the PSNR in dB of each of N,3,H,W in [0, 1]; one mean squared error over all channels."""
    error = (images - sharp).square().mean(dim=(1, 2, 3))
    return [float(value) for value in -10 * error.clamp_min(1e-10).log10()]


def sheet(rows: Sequence[Tensor]) -> np.ndarray:
    """Lay out N,3,H,W in [0, 1] as rows of one H,W,3 uint8 picture."""
    import torch

    joined = torch.cat([torch.cat(list(row), dim=-1) for row in rows], dim=-2)
    picture: np.ndarray = (joined.permute(1, 2, 0) * 255).round().byte().cpu().numpy()
    return picture
