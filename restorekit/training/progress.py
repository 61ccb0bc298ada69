"""What a run says on a terminal: a bar for each stage, and lines above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from rich import progress
from rich.console import Console

from restorekit.errors import one_line

WAIT = 0.2
"""The share of waiting for data from which on it is worth a word."""

ADVICE = (
    "raise data.workers, use a faster disk or smaller source files, "
    "or kernels from a bank instead of kernels = 0"
)


class Progress:
    """Shows how far a run is, within a ``with`` block; without a terminal it only says lines.

    Args:
        stages: Steps of each stage.
        taken: Steps already taken.
        quiet: Whether to say nothing, as another process speaks for this one.
    """

    def __init__(self, stages: Sequence[int], taken: int, *, quiet: bool = False) -> None:
        console = Console(stderr=True, quiet=quiet)
        self._bars = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
            progress.TextColumn("{task.fields[rate]}"),
            console=console,
            disable=quiet or not console.is_terminal,
        )
        self._stages = []
        for number, steps in enumerate(stages, start=1):
            name, done = f"stage {number} of {len(stages)}", min(max(taken, 0), steps)
            self._stages.append(self._bars.add_task(name, start=False, total=steps, completed=done, rate=""))
            taken -= steps
        self._stage: int | None = None
        self._advised, self._skipped = False, 0

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        with suppress(OSError):  # the terminal may be gone
            self._bars.stop()

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        with suppress(OSError):
            self._bars.console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)

    def step(self, stage: int) -> None:
        """Count a step of a stage."""
        self._bars.start_task(self._stages[stage])
        self._bars.update(self._stages[stage], advance=1)

    def show(self, line: Mapping[str, Any]) -> None:
        """Show a line of the log, and say what in it needs a word."""
        stage, wait, skipped = line["stage"], line["data_wait"], line.get("skipped", 0)
        loss = sum(value for name, value in line["terms"].items() if not name.endswith("/discriminator"))
        shown = f"loss {loss:.4f} · {line['images_per_s']:.0f} images/s · {wait:.0%} waiting for data"
        self._bars.update(self._stages[stage], rate=shown)
        if wait > WAIT and stage == self._stage and not self._advised:  # workers start up with their stage
            self.say(f"{wait:.0%} of the time is spent waiting for data; {ADVICE}")
            self._advised = True
        if skipped > self._skipped:
            self.say(f"{skipped} steps left out so far: their loss or its gradient was not finite")
        self._stage, self._skipped = stage, skipped
