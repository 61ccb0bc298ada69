"""What a run says: log.jsonl, and a progress line on a terminal."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from torch import Tensor

WAIT = 0.2
"""The share of waiting for data from which on it is worth a word."""

ADVICE = (
    "raise data.workers, use a faster disk or smaller source files, "
    "or kernels from a bank instead of kernels = 0"
)


class Log:
    """Averages the loss terms between lines, without making the device wait in between.

    Args:
        file: log.jsonl; lines of steps after ``step`` are dropped, since they will be taken again.
        step: Steps already taken.
        total: Steps of the whole run.
    """

    def __init__(self, file: Path, step: int, total: int) -> None:
        self._file = file
        file.write_text("".join(_lines_until(file, step)))
        self._terms: dict[str, list[Tensor]] = {}
        self._images = 0
        self._since = time.monotonic()
        self._stage: int | None = None
        self._advised = False
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._line = self._progress.add_task("training", total=total, completed=step, rate="")

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

    def step(self, terms: dict[str, Tensor], images: int) -> None:
        """Count one step."""
        for name, value in terms.items():
            self._terms.setdefault(name, []).append(value.detach())
        self._images += images
        self._progress.update(self._line, advance=1)

    def line(self, step: int, stage: int, lr: float, waited: float) -> None:
        """Write the means since the last line, and what share of the time since was spent waiting for data.

        Args:
            step: Steps taken.
            stage: The stage in hand, from 0.
            lr: Its present learning rate.
            waited: Seconds for which the device has waited for data.

        Raises:
            RestorekitError: One of the means is not finite.
        """
        now = time.monotonic()
        rate, wait = self._images / (now - self._since), waited / (now - self._since)
        means = {
            name: round(sum(map(float, values)) / len(values), 6) for name, values in self._terms.items()
        }
        for name, value in means.items():
            if not math.isfinite(value):
                raise RestorekitError(
                    f"{name} is not finite by step {step}; the last saved state is from before",
                    "resume with a smaller optim.lr, or with optim.clip",
                )
        self.write(
            {
                "step": step,
                "stage": stage,
                "lr": lr,
                "images_per_s": round(rate, 1),
                "data_wait": round(wait, 3),
                "terms": means,
            }
        )
        loss = sum(value for name, value in means.items() if not name.endswith("/discriminator"))
        shown = f"loss {loss:.4f} · {rate:.0f} images/s · {wait:.0%} waiting for data"
        self._progress.update(self._line, description=f"stage {stage + 1}", rate=shown)
        if wait > WAIT and stage == self._stage and not self._advised:  # workers start up with their stage
            self.say(f"{wait:.0%} of the time is spent waiting for data; {ADVICE}")
            self._advised = True
        self._terms, self._images, self._since, self._stage = {}, 0, now, stage

    def write(self, record: dict[str, Any]) -> None:
        """Append a record to log.jsonl."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _lines_until(file: Path, step: int) -> list[str]:
    """The lines of the steps up to ``step``; one that a kill cut short is of a later step."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]


def environment() -> dict[str, Any]:
    """What the run was made with: versions of Python and of the packages that compute."""
    from importlib.metadata import version

    packages = ("restorekit", "torch", "timm", "accelerate", "albumentations", "numpy", "safetensors")
    return {"python": sys.version.split()[0], **{name: version(name) for name in packages}}
