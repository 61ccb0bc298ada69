"""What a run says: log.jsonl, trackers, and progress on a terminal."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restorekit.errors import RestorekitError, brief
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.training.processes import Processes
    from restorekit.training.track import Trackers

WAIT = 0.2
"""The share of waiting for data from which on it is worth a word."""

ADVICE = (
    "raise data.workers, use a faster disk or smaller source files, "
    "or kernels from a bank instead of kernels = 0"
)


class Log:
    """Averages loss terms and norms between lines, without making the device wait in between.

    Args:
        file: log.jsonl; lines of steps after ``step`` are dropped, since they will be taken again. None where
            another process speaks for this one.
        step: Steps already taken.
        stages: Steps of each stage.
        trackers: What gets the same records.
        processes: Whose means are logged; this one's if None.
    """

    def __init__(
        self,
        file: Path | None,
        step: int,
        stages: Sequence[int],
        trackers: Trackers | None = None,
        processes: Processes | None = None,
    ) -> None:
        self._file, self._trackers, self._processes = file, trackers, processes
        if file:
            write_whole(file, "".join(_lines_until(file, step)).encode())
        self._terms: dict[str, list[Tensor]] = {}
        self._norms: dict[str, list[Tensor]] = {}
        self._images = 0
        self._since = time.monotonic()
        self._stage: int | None = None
        self._advised = False
        self._skipped = 0
        console = Console(stderr=True, quiet=file is None)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]}"),
            console=console,
            disable=file is None or not console.is_terminal,
        )
        self._bars = []
        for number, steps in enumerate(stages, start=1):
            name, done = f"stage {number} of {len(stages)}", min(max(step, 0), steps)
            bar = self._progress.add_task(name, start=False, total=steps, completed=done, rate="")
            self._bars.append(bar)
            step -= steps

    def __enter__(self) -> Log:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the progress."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def step(self, terms: Mapping[str, Tensor], norms: Mapping[str, Tensor], images: int, stage: int) -> None:
        """Count one step of a stage: its loss terms, norms of its gradient, and images."""
        for kept, new in ((self._terms, terms), (self._norms, norms)):
            for name, value in new.items():
                kept.setdefault(name, []).append(value.detach())
        self._images += images
        self._progress.start_task(self._bars[stage])
        self._progress.update(self._bars[stage], advance=1)

    def line(self, step: int, stage: int, lr: float, waited: float, skipped: int = 0) -> None:
        """Write the means since the last line, and what share of the time since was spent waiting for data.

        Args:
            step: Steps taken.
            stage: The stage in hand, from 0.
            lr: Its present learning rate.
            waited: Seconds for which the device has waited for data.
            skipped: Steps left out so far; their terms are not numbers, and not in the means.
        """
        now = time.monotonic()
        rate, wait = self._images / (now - self._since), waited / (now - self._since)
        means = self._means(self._terms)
        self.write(
            {
                "step": step,
                "stage": stage,
                "lr": lr,
                "images_per_s": round(rate, 1),
                "data_wait": round(wait, 3),
                "terms": means,
                "grad_norm": self._means(self._norms),
                **({"skipped": skipped} if skipped else {}),
            }
        )
        loss = sum(value for name, value in means.items() if not name.endswith("/discriminator"))
        shown = f"loss {loss:.4f} · {rate:.0f} images/s · {wait:.0%} waiting for data"
        self._progress.update(self._bars[stage], rate=shown)
        if wait > WAIT and stage == self._stage and not self._advised:  # workers start up with their stage
            self.say(f"{wait:.0%} of the time is spent waiting for data; {ADVICE}")
            self._advised = True
        if skipped > self._skipped:
            self.say(f"{skipped} steps left out so far: their loss or its gradient was not finite")
        self._skipped = skipped
        self._terms, self._norms, self._images, self._since, self._stage = {}, {}, 0, now, stage

    def write(self, record: dict[str, Any]) -> None:
        """Append a record to log.jsonl, and give it to the trackers."""
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        if self._trackers:
            self._trackers.log(record)

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
        raise RestorekitError(f"{file} is no log: {brief(error)}", "mend it, or move it elsewhere") from None
