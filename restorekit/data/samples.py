"""What is drawn for each sample: a pure function of the recipe's seed and the sample's position in the run."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Source, Task
from restorekit.data.augment import Augment
from restorekit.data.crop import Crop, crop_box
from restorekit.recipe.build import DegradationStep
from restorekit.recipe.schema import Component

if TYPE_CHECKING:
    from restorekit.contracts import Array

ORDER, DRAW, VALIDATION, STEP = range(4)
"""Streams: what is drawn for one purpose never disturbs another."""


@functools.lru_cache(maxsize=2)
def _order(seed: int, epoch: int, length: int) -> Array:
    return np.random.default_rng([seed, ORDER, epoch]).permutation(length)


@dataclass(frozen=True)
class Samples:
    """Samples by position: decode, crop, augment, and draw all that the device will need.

    Attributes:
        source: The images.
        seed: The recipe's seed.
        stream: Which of the streams to draw from; only the training stream shuffles.
        size: Side of the crop, pixels.
        crop: Where it lies.
        degradations: What spoils it.
        tasks: The tasks, for their draws.
        augment: Augmentations of the crop.
    """

    source: Source
    seed: int
    stream: int
    size: int
    crop: Crop
    degradations: Sequence[DegradationStep]
    tasks: Mapping[str, Task]
    augment: Sequence[Component] = ()

    @property
    def margin(self) -> int:
        """Border that all degradations together consume, pixels."""
        return sum(step.degradation.margin for step in self.degradations)

    @functools.cached_property
    def _augment(self) -> Augment:
        return Augment(self.augment)

    def __getitem__(self, position: int) -> dict[str, Any]:
        """Return the sample at ``position``: the widened sharp crop (H,W,3 uint8) and every draw."""
        rng = np.random.default_rng([self.seed, self.stream, position])
        epoch, index = divmod(position, len(self.source))
        if self.stream == DRAW:
            index = int(_order(self.seed, epoch, len(self.source))[index])
        item = self.source[index]
        height, width = item.sharp.shape[:2]
        rows, columns = crop_box(self.crop, self.size, self.margin, height, width, rng, item.id)
        images = {"image": item.sharp[rows, columns]}
        if item.degraded is not None:
            images["degraded"] = item.degraded[rows, columns]
        images = self._augment(images, seed=int(rng.integers(2**31)))
        sample: dict[str, Any] = {
            "id": item.id,
            "labels": item.labels,
            "sharp": np.ascontiguousarray(images["image"]),
        }
        if "degraded" in images:
            sample["degraded"] = np.ascontiguousarray(images["degraded"])
        sample["params"], side = {}, self.size + 2 * self.margin
        for step in self.degradations:
            sample["params"][step.name] = step.degradation.sample(rng, side, side)
            side -= 2 * step.degradation.margin
        sample["chosen"] = rng.random(len(self.degradations)) < [step.p for step in self.degradations]
        sample["draws"] = {
            name: task.sample(rng) for name, task in self.tasks.items()
        }  # last: tasks come and go
        return sample
