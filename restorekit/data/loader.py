"""Batches of samples: batch k is the same whatever the workers, the processes and the resumptions of the run."""

from __future__ import annotations

import dataclasses
import itertools
import signal
from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.data.samples import Samples
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class RawBatch:
    """A batch as the workers drew it, before the device degrades it.

    Attributes:
        sharp: N,3,H,W uint8, still with its margins.
        degraded: N,3,H,W uint8 where the source is of pairs.
        chosen: N,steps bool: which images undergo which degradation.
        params: Per degradation, what it drew, stacked.
        draws: Per task, what it drew, stacked.
        labels: One entry per image.
        ids: One name per image.
        unreadable: What is wrong with the images whose places these took.
    """

    sharp: Tensor
    degraded: Tensor | None
    chosen: Tensor
    params: dict[str, dict[str, Tensor]]
    draws: dict[str, dict[str, Tensor]]
    labels: list[Any]
    ids: list[str]
    unreadable: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def pin_memory(self) -> RawBatch:
        """Return it in page-locked memory, which a GPU copies from while it computes; torch's loader calls this."""
        return self._each(lambda tensor: tensor.pin_memory())

    def split(self, parts: int) -> list[RawBatch]:
        """Cut it into at most so many batches, as equal as can be; they share its memory."""
        bounds = np.linspace(0, len(self), min(parts, len(self)) + 1).round().astype(int).tolist()
        return [self._rows(slice(first, end)) for first, end in itertools.pairwise(bounds)]

    def _rows(self, rows: slice) -> RawBatch:
        part = self._each(lambda tensor: tensor[rows])
        return dataclasses.replace(part, labels=self.labels[rows], ids=self.ids[rows])

    def _each(self, change: Callable[[Tensor], Tensor]) -> RawBatch:
        """Change each of its tensors."""

        def changed(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: changed(entry) for key, entry in value.items()}
            return value if value is None else change(value)

        names = ("sharp", "degraded", "chosen", "params", "draws")
        return dataclasses.replace(self, **{name: changed(getattr(self, name)) for name in names})


def collate(samples: list[dict[str, Any]]) -> RawBatch:
    """Stack samples into one batch."""
    import torch

    def stack(arrays: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(arrays))

    def nested(key: str) -> dict[str, dict[str, Tensor]]:
        first = samples[0][key]
        return {n: {k: stack([s[key][n][k] for s in samples]) for k in values} for n, values in first.items()}

    def images(key: str) -> Tensor:
        return stack([sample[key] for sample in samples]).permute(0, 3, 1, 2).contiguous()

    return RawBatch(
        sharp=images("sharp"),
        degraded=images("degraded") if "degraded" in samples[0] else None,
        chosen=stack([sample["chosen"] for sample in samples]),
        params=nested("params"),
        draws=nested("draws"),
        labels=[sample["labels"] for sample in samples],
        ids=[sample["id"] for sample in samples],
        unreadable=[message for sample in samples for message in sample["unreadable"]],
    )


GRACE = 30
"""Seconds that a worker told to end still serves the main process, which may be about to finish its step."""


@dataclass(frozen=True)
class _Batches:
    """Whole batches by their positions; an error of the user's comes as a value, as a worker cannot raise it."""

    samples: Samples

    def __getitem__(self, positions: range) -> RawBatch | RestorekitError:
        try:
            return collate([self.samples[position] for position in positions])
        except RestorekitError as error:
            return error


def _as_is(value: Any) -> Any:
    return value


def _leave_signals(worker: int) -> None:
    """Let the main process act on signals that a terminal or a supervisor sends to all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGTERM, _end_later)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(signal.SIGHUP, _end_later)


def _end_later(number: int, frame: FrameType | None) -> None:
    signal.alarm(GRACE)


def share(batch: int, processes: int) -> int:
    """Return how many images of a batch each process takes.

    Raises:
        RestorekitError: They cannot share it evenly.
    """
    part, left = divmod(batch, processes)
    if left:
        raise RestorekitError(
            f"a batch of {batch} cannot be shared by {processes} processes",
            f"set data.batch to a multiple of {processes}",
        )
    return part


def batches(
    samples: Samples,
    *,
    first: int,
    count: int,
    batch: int,
    workers: int,
    process: int = 0,
    processes: int = 1,
    pin: bool = False,
) -> Generator[RawBatch]:
    """Yield ``count`` batches of ``batch`` samples, from position ``first`` on.

    Of several processes that train together each yields its part of every batch; in a row they are the whole.

    Args:
        samples: What to draw from.
        first: Position of the first sample.
        count: How many batches.
        batch: Samples in a batch, over all processes.
        workers: Subprocesses that prepare them; 0 for none.
        process: Which of the processes this is, from 0.
        processes: How many train together.
        pin: Whether they are to be in page-locked memory, on their way to a GPU.

    Raises:
        RestorekitError: The processes cannot share a batch evenly, or the images cannot be used.
    """
    import torch
    from torch.utils.data import DataLoader

    part = share(batch, processes)
    starts = range(first + process * part, first + process * part + count * batch, batch)
    loader: DataLoader[RawBatch | RestorekitError] = DataLoader(
        _Batches(samples),  # type: ignore[arg-type]
        sampler=[range(start, start + part) for start in starts],
        batch_size=None,
        collate_fn=_as_is,
        num_workers=workers,
        pin_memory=pin,
        worker_init_fn=_leave_signals,
        generator=torch.Generator(),  # or each pass would draw a seed from the global generator
    )
    prepared = iter(loader)
    try:
        for drawn in prepared:
            if isinstance(drawn, RestorekitError):
                raise drawn
            yield drawn
    finally:
        del prepared  # ends the workers now, though a traceback may keep this frame
