"""Batches of samples: batch k is the same whatever the workers and however often the run was resumed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.data.samples import Samples
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Drawn:
    """A batch as the workers drew it, before the device degrades it.

    Attributes:
        sharp: N,3,H,W uint8, still with its margins.
        degraded: N,3,H,W uint8 where the source is of pairs.
        chosen: N,steps bool: which images undergo which degradation.
        params: Per degradation, what it drew, stacked.
        draws: Per task, what it drew, stacked.
        labels: One entry per image.
        ids: One name per image.
    """

    sharp: Tensor
    degraded: Tensor | None
    chosen: Tensor
    params: dict[str, dict[str, Tensor]]
    draws: dict[str, dict[str, Tensor]]
    labels: list[Any]
    ids: list[str]


def collate(samples: list[dict[str, Any]]) -> Drawn:
    """Stack samples into one batch."""
    import torch

    def stack(arrays: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(arrays))

    def nested(key: str) -> dict[str, dict[str, Tensor]]:
        first = samples[0][key]
        return {n: {k: stack([s[key][n][k] for s in samples]) for k in values} for n, values in first.items()}

    def images(key: str) -> Tensor:
        return stack([sample[key] for sample in samples]).permute(0, 3, 1, 2).contiguous()

    return Drawn(
        sharp=images("sharp"),
        degraded=images("degraded") if "degraded" in samples[0] else None,
        chosen=stack([sample["chosen"] for sample in samples]),
        params=nested("params"),
        draws=nested("draws"),
        labels=[sample["labels"] for sample in samples],
        ids=[sample["id"] for sample in samples],
    )


GRACE = 30
"""Seconds that a worker told to end still serves the main process, which may be about to finish its step."""


@dataclass(frozen=True)
class _Batches:
    """Whole batches by their positions; an error the user can mend comes as a value, since a worker cannot raise it."""

    samples: Samples

    def __getitem__(self, positions: range) -> Drawn | RestorekitError:
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


def _end_later(number: int, frame: FrameType | None) -> None:
    signal.alarm(GRACE)


def batches(samples: Samples, *, first: int, count: int, batch: int, workers: int) -> Iterator[Drawn]:
    """Yield ``count`` batches of ``batch`` samples, from position ``first`` on.

    Args:
        samples: What to draw from.
        first: Position of the first sample.
        count: How many batches.
        batch: Samples in a batch.
        workers: Processes that prepare them; 0 for this one.

    Raises:
        RestorekitError: An image cannot be read or is too small.
    """
    import torch
    from torch.utils.data import DataLoader

    loader: DataLoader[Drawn | RestorekitError] = DataLoader(
        _Batches(samples),  # type: ignore[arg-type]
        sampler=[range(first + k * batch, first + (k + 1) * batch) for k in range(count)],
        batch_size=None,
        collate_fn=_as_is,
        num_workers=workers,
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
