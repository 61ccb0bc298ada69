"""What the predictions of a network's other tasks tell of restored pictures, whatever engine ran it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
