"""Processes that train one run together, as torchrun starts them; or one alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from restorekit.device import resolve_device
from restorekit.errors import RestorekitError
from restorekit.training.refusal import Refusal

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def _environment(name: str, otherwise: int) -> int:
    said = os.environ.get(name, str(otherwise))
    if not re.fullmatch(r"[0-9]{1,6}", said):
        raise RestorekitError(f"{name}={said} in the environment: is no number of processes", f"unset {name}")
    return int(said)


def local_device(name: str) -> torch.device:
    """Return the device of this process: of several that train together each takes the GPU of its own number.

    Raises:
        RestorekitError: There is no such device, or the processes would have to share it.
    """
    place, count = resolve_device(name), _environment("WORLD_SIZE", 1)
    if count == 1 or place.type == "cpu":
        return place
    if place.type != "cuda" or place.index is not None:
        raise Refusal(f"{count} processes cannot share device '{place}'", "use cuda or cpu", "device")
    return resolve_device(f"cuda:{_environment('LOCAL_RANK', 0)}")


class Processes:
    """What the processes of a run settle among themselves; nothing of it makes a GPU wait.

    All of them must ask the same in the same order.

    Args:
        device: Where this one computes.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.count = _environment("WORLD_SIZE", 1)
        self.index = _environment("RANK", 0) if self.count > 1 else 0
        if self.count > 1:
            import torch.distributed as dist

            if not dist.is_initialized():
                # With gloo on the host also beside GPUs, for what they need not know.
                dist.init_process_group("cuda:nccl,cpu:gloo" if device.type == "cuda" else "gloo")

    @property
    def main(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.index == 0

    def shared(self, module: nn.Module, some_unused: bool = False) -> nn.Module:
        """Return a module through which all take the same gradients, the mean of theirs; alone, the module itself.

        Args:
            module: The module, on the device.
            some_unused: Whether some of its weights may get no gradient.
        """
        if self.count == 1:
            return module
        from torch.nn.parallel import DistributedDataParallel

        shared = DistributedDataParallel(
            module,
            device_ids=[self.device] if self.device.type == "cuda" else None,
            find_unused_parameters=some_unused,
        )
        # A discriminator looks twice before it learns: running statistics must not be changed in between. The argument
        # for this has another name since torch 2.13.
        shared.broadcast_buffers = False
        return shared

    def wait(self) -> None:
        """Wait until all have come here."""
        self.any(False)

    def any(self, flag: bool) -> bool:
        """Whether it is so for one of them."""
        if self.count == 1:
            return flag
        import torch

        return bool(self.most(torch.tensor(float(flag))))

    def most(self, value: Tensor) -> Tensor:
        """Return the largest value among them, elementwise, on the device it is on."""
        if self.count > 1:
            import torch.distributed as dist

            value = value.clone()
            dist.all_reduce(value, dist.ReduceOp.MAX)
        return value

    def mean(self, value: Tensor) -> Tensor:
        """Return the mean of their values, elementwise, on the device it is on."""
        if self.count > 1:
            import torch.distributed as dist

            value = value / self.count
            dist.all_reduce(value)
        return value

    def norm(self, value: Tensor) -> Tensor:
        """Return the norm of the gradient of a mean over all, from the norms of those of the means over each part."""
        return value if self.count == 1 else (self.mean(value.square()) / self.count).sqrt()

    def gather(self, texts: Sequence[str]) -> list[str]:
        """Return the texts of them all."""
        if self.count == 1:
            return list(texts)
        import torch.distributed as dist

        everyones: list[list[str]] = [[] for _ in range(self.count)]
        dist.all_gather_object(everyones, list(texts))
        return [text for each in everyones for text in each]


def leave() -> None:
    """Take leave of the others once all have come here, as PyTorch wants it before a process ends.

    If a process crashes on its way out, its launcher takes that for a failed training, and those of other machines wait
    for it for five minutes.
    """
    if _environment("WORLD_SIZE", 1) > 1:
        import torch.distributed as dist

        if dist.is_initialized():
            dist.barrier()
            dist.destroy_process_group()


@contextmanager
def one_voice() -> Iterator[bool]:
    """Of the processes in this block only the first that fails says why; the others end without a word.

    The others fail too, since they wait for the one that has failed. The value is whether this is the one that speaks
    if all goes well.

    Raises:
        SystemExit: Another has failed before; with the status that belongs to the error.
    """
    try:
        yield _environment("RANK", 0) == 0
    except BaseException as error:
        if _environment("WORLD_SIZE", 1) == 1 or (isinstance(error, SystemExit) and not error.code):
            raise
        if not _first_to_fail():
            raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 2) from None
        raise


def _first_to_fail() -> bool:
    import torch.distributed as dist

    if (
        not dist.is_initialized()
    ):  # they have not met yet: what fails one fails all, so one of each machine speaks
        return _environment("LOCAL_RANK", 0) == 0
    store = dist.distributed_c10d._get_default_store()
    try:
        return store.add("restorekit/failed", 1) == 1
    except RuntimeError:  # whoever kept the count is gone
        return False
