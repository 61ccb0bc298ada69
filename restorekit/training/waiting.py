"""How long the device has nothing to do because data is not ready."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from restorekit.data.loader import RawBatch


class WaitingTime:
    """Counts the time that batches are waited for.

    A GPU works on while the program waits for a batch. There it is the time from the end of its work until the batch
    has come, between two marks in its own queue; looking at them costs nothing before they are asked for.

    Args:
        device: Where the steps are computed.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._seconds = 0.0
        self._marks: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    def over(self, batches: Generator[RawBatch]) -> Iterator[RawBatch]:
        """Pass batches on, and count how long each is waited for."""
        with closing(batches):  # its workers end with it
            while True:
                since, idle = time.monotonic(), self._mark()
                raw = next(batches, None)
                if raw is None:
                    return
                arrived = self._mark()
                if idle is None or arrived is None:
                    self._seconds += time.monotonic() - since
                else:
                    self._marks.append((idle, arrived))
                yield raw

    def _mark(self) -> torch.cuda.Event | None:
        import torch

        if self._device.type != "cuda":
            return None
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def taken(self) -> float:
        """Return the seconds since this was last asked; a GPU is let finish what it has been given."""
        for idle, arrived in self._marks:
            arrived.synchronize()
            self._seconds += idle.elapsed_time(arrived) / 1000
        seconds, self._seconds, self._marks = self._seconds, 0.0, []
        return seconds
