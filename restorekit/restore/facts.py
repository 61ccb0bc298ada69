"""What the predictions of a network's other tasks tell of restored pictures, whatever engine ran it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Task

if TYPE_CHECKING:
    from restorekit.contracts import Array


def telling_tasks(tasks: Mapping[str, Task]) -> list[str]:
    """Return the names of the tasks that tell facts of a picture."""
    return [name for name, task in tasks.items() if type(task).facts is not Task.facts]


def told_facts(
    tasks: Mapping[str, Task], predictions: Mapping[str, Array], images: Array, restored: Array
) -> Sequence[Mapping[str, Any]]:
    """Return for each picture what the tasks tell of it.

    Args:
        tasks: The tasks, by name.
        predictions: What the network predicts for those that tell facts, N,C,H,W float32 at the finest scale.
        images: N,H,W,3 float32 RGB in [0, 1].
        restored: What was made of them.
    """
    found: list[dict[str, Any]] = [{} for _ in images]
    for name, prediction in predictions.items():
        for facts, more in zip(found, tasks[name].facts(prediction, images, restored), strict=True):
            facts |= more
    return found


class Predictions:
    """What a network's other tasks predict of the images that it restored last, so that it need not run once more."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Mapping[str, Array]] = {}

    def keep(self, images: Array, predictions: Mapping[str, Array]) -> None:
        """Forget what was kept, and keep predictions of N,H,W,3 images, N,C,H,W each."""
        self._rows = {
            _key(image): {name: each[i] for name, each in predictions.items()}
            for i, image in enumerate(images if predictions else ())
        }

    def of(self, images: Array) -> Mapping[str, Array] | None:
        """Return what was kept of N,H,W,3 images; None if one of them is not known."""
        rows = [self._rows.get(_key(image)) for image in images]
        known = [row for row in rows if row is not None]
        if not known or len(known) < len(rows):
            return None
        return {name: np.stack([row[name] for row in known]) for name in known[0]}


def _key(image: Array) -> bytes:
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
