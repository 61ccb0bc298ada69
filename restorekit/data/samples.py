"""What is drawn for each sample: a pure function of the recipe's seed and the sample's position in the run."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Augmentation, Crop, Item, Source, Task
from restorekit.data.augment import Augment
from restorekit.data.crop import crop_box
from restorekit.data.extent import consumed
from restorekit.errors import DataError, ImageError
from restorekit.images import reduced
from restorekit.recipe import Recipe, Stage, Step

if TYPE_CHECKING:
    from restorekit.contracts import Array

ORDER, DRAW, VALIDATION, STEP = range(4)
"""Streams: what is drawn for one purpose never disturbs another."""

PATIENCE = 100
"""So many unreadable images in a row are no accident."""


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
        reduce: By which both sides of an image are divided before the crop is cut.
    """

    source: Source
    seed: int
    stream: int
    size: int
    crop: Crop
    degradations: Sequence[Step]
    tasks: Mapping[str, Task]
    augment: Sequence[Augmentation] = ()
    reduce: float = 1.0

    @property
    def margin(self) -> int:
        """Border that all degradations together consume, pixels."""
        return consumed([step.degradation for step in self.degradations])

    @functools.cached_property
    def _augment(self) -> Augment:
        return Augment(self.augment)

    @functools.cached_property
    def _orders(self) -> dict[int, Array]:
        return {}

    def _order(self, epoch: int) -> Array:
        if epoch not in self._orders:
            self._orders.clear()  # positions rise, so the epoch before is over
            self._orders[epoch] = self.source.order(np.random.default_rng([self.seed, ORDER, epoch]))
        return self._orders[epoch]

    def _read(self, position: int) -> tuple[Item, list[str]]:
        """Return the image at ``position``, or else the next that can be read, and what is wrong with those before."""
        length = len(self.source)
        epoch, place = divmod(position, length)
        unreadable: list[str] = []
        for step in range(min(PATIENCE, length)):
            index = (place + step) % length
            if self.stream == DRAW:
                index = int(self._order(epoch)[index])
            try:
                return self.source[index], unreadable
            except ImageError as error:
                unreadable.append(error.message)
        raise DataError(
            f"{len(unreadable)} unreadable images in a row, the last: {unreadable[-1]}",
            "check where the images come from",
        )

    def __getitem__(self, position: int) -> dict[str, Any]:
        """Return the sample at ``position``: the widened sharp crop (H,W,3 uint8) and every draw.

        An image that cannot be read gives its place to the next one; ``unreadable`` says which and why.

        Raises:
            DataError: The image is too small, or a hundred in a row cannot be read.
        """
        rng = np.random.default_rng([self.seed, self.stream, position])
        item, unreadable = self._read(position)
        images = {"image": item.sharp} | ({} if item.degraded is None else {"degraded": item.degraded})
        if self.reduce > 1:
            images = {
                name: reduced(each, round(max(each.shape[:2]) / self.reduce)) for name, each in images.items()
            }
        height, width = images["image"].shape[:2]
        rows, columns = crop_box(self.crop, self.size, self.margin, height, width, rng, item.id)
        images = {name: each[rows, columns] for name, each in images.items()}
        images = self._augment(images, seed=int(rng.integers(2**31)))
        sample: dict[str, Any] = {
            "id": item.id,
            "labels": item.labels,
            "unreadable": unreadable,
            "sharp": np.ascontiguousarray(images["image"]),
        }
        if "degraded" in images:
            sample["degraded"] = np.ascontiguousarray(images["degraded"])
        sample["params"], side = {}, self.size + 2 * self.margin
        for step in self.degradations:
            sample["params"][step.name] = step.degradation.sample(rng, side, side)
            side = (side - 2 * step.degradation.margin) // step.degradation.scale
        sample["chosen"] = rng.random(len(self.degradations)) < [step.p for step in self.degradations]
        sample["draws"] = {
            name: task.sample(rng) for name, task in self.tasks.items()
        }  # last: tasks come and go
        return sample


def stage_samples(recipe: Recipe, stage: Stage) -> Samples:
    """Return the training samples of one stage of a recipe."""
    return Samples(
        source=recipe.data.train,
        seed=recipe.seed,
        stream=DRAW,
        size=stage.size,
        crop=recipe.data.crop,
        degradations=stage.degradations,
        tasks=recipe.tasks,
        augment=stage.augment,
        reduce=stage.reduce,
    )
