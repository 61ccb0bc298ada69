"""The log of a run: log.jsonl, and the same records for trackers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError, brief
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.training.processes import Processes
    from restorekit.training.trackers import Boards


class Log:
    """Averages loss terms and norms between lines, without making the device wait in between.

    Args:
        file: log.jsonl; lines of steps after ``taken`` are dropped, since they will be taken again. None where
            another process writes for this one.
        taken: Steps already taken.
        boards: What gets the same records.
        processes: Whose means are logged; this one's if None.
    """

    def __init__(
        self,
        file: Path | None,
        taken: int,
        boards: Boards | None = None,
        processes: Processes | None = None,
    ) -> None:
        self._file, self._boards, self._processes = file, boards, processes
        if file:
            write_whole(file, "".join(_lines_until(file, taken)).encode())
        self._begin(time.monotonic())

    def _begin(self, now: float) -> None:
        self._terms: dict[str, list[Tensor]] = {}
        self._norms: dict[str, list[Tensor]] = {}
        self._images, self._since = 0, now

    def step(self, terms: Mapping[str, Tensor], norms: Mapping[str, Tensor], images: int) -> None:
        """Count one step: its loss terms, norms of its gradient, and images."""
        for kept, new in ((self._terms, terms), (self._norms, norms)):
            for name, value in new.items():
                kept.setdefault(name, []).append(value.detach())
        self._images += images

    def line(self, step: int, stage: int, lr: float, waited: float, skipped: int = 0) -> dict[str, Any]:
        """Write the means since the last line, and what share of the time since was spent waiting for data.

        Args:
            step: Steps taken.
            stage: The stage in hand, from 0.
            lr: Its present learning rate.
            waited: Seconds for which the device has waited for data.
            skipped: Steps left out so far; their terms are not numbers, and not in the means.

        Returns:
            What it wrote.
        """
        now = time.monotonic()
        seconds = max(now - self._since, 1e-9)  # clocks of some systems tick 64 times a second
        record = {
            "step": step,
            "stage": stage,
            "lr": lr,
            "images_per_s": round(self._images / seconds, 1),
            "data_wait": round(waited / seconds, 3),
            "terms": self._means(self._terms),
            "grad_norm": self._means(self._norms),
            **({"skipped": skipped} if skipped else {}),
        }
        self.write(record)
        self._begin(now)
        return record

    def write(self, record: dict[str, Any]) -> None:
        """Append a record to log.jsonl, and give it to the trackers."""
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        if self._boards:
            self._boards.log(record)

    def _means(self, kept: Mapping[str, Sequence[Tensor]]) -> dict[str, float]:
        import torch

        if not kept:
            return {}
        means = torch.stack([torch.stack(list(each)).double().nanmean() for each in kept.values()])
        if self._processes:
            means = self._processes.mean(means)
        named = zip(kept, means.tolist(), strict=True)
        return {name: round(mean, 6) for name, mean in named if math.isfinite(mean)}


def _lines_until(file: Path, step: int) -> list[str]:
    """The lines of the steps up to ``step``; one that a kill cut short is of a later step.

    Raises:
        RestorekitError: What is there is no log.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
        return [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    except (ValueError, KeyError, TypeError) as error:
        raise RestorekitError(
            f"{file} is not a log: {brief(error)}", "repair it, or move it elsewhere"
        ) from None
