"""The contract of tasks."""

from __future__ import annotations

from restorekit.contracts import Batch, Task
from restorekit.testing.component import check_component
from restorekit.testing.draws import check_draws, stacked
from restorekit.testing.lesson import demand, demanding, described

_ENCODE = (
    "channels: ClassVar[int] = 1\n"
    "range: ClassVar[tuple[float, float]] = (0.0, 1.0)\n\n"
    "def encode(self, images):\n"
    "    return images.mean(dim=1, keepdim=True)"
)

_TARGET = "def target(self, batch):\n    return self.encode(batch.sharp)"


def check_task(task: Task, batch: Batch | None = None) -> None:
    """Check a task: ``encode`` keeps the size, gives its channels, and stays within its range; ``target`` has a place.

    Args:
        task: The component.
        batch: What ``target`` reads, if that is more than images: two of them, with their params and labels.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(task, Task)
    name = type(task).__name__
    draw = stacked(check_draws(f"{name}.sample", task.sample)[1:3])
    images = torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    with demanding(
        f"{name}.encode failed on what {name}.sample drew",
        "encode takes N,3,H,W and each array that sample drew, by its key, stacked along a first axis N",
        _ENCODE,
    ):
        out = task.encode(images, **draw)
    demand(
        getattr(out, "shape", None) == (2, task.channels, 32, 40),
        f"{name}.encode made {described(out)} of {described(images)}, and its channels are {task.channels}",
        "encode keeps height and width, and makes as many channels as the task says",
        _ENCODE,
    )
    low, high = task.range
    demand(
        low <= float(out.min()) and float(out.max()) <= high,
        f"{name}.encode made values from {float(out.min()):.3g} to {float(out.max()):.3g}",
        f"encode stays within the range of the task, here {task.range}, for images in [0, 1]",
        _ENCODE,
    )
    demand(
        torch.equal(images, before) and torch.equal(out, task.encode(images, **draw)),
        f"{name}.encode changed its input, or gave something else the second time",
        "encode makes new tensors and draws nothing; what is random, sample draws",
        _ENCODE,
    )
    demand(
        task.spatial or type(task).target is not Task.target,
        f"{name} is not spatial, and its target is an encoded picture",
        "a task that predicts no picture of the input's size says what it predicts instead",
        'def target(self, batch):\n    return batch.params["trajectory_blur"]["kernel"]',
    )
    with demanding(
        f"{name}.target failed on a batch of 2",
        "target returns what the network should predict; if it reads params or labels, give check_task such a batch",
        _TARGET,
    ):
        target = task.target(batch or Batch(sharp=images, degraded=images), **draw)
    demand(
        target.shape[:1] == (2,),
        f"{name}.target is {described(target)} for a batch of 2",
        "a target has an entry for each image of the batch",
        _TARGET,
    )
