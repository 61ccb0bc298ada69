"""What ``restorekit deblur`` says: a line a picture on stdout, words and progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.cli.output import Tally, answer, answer_json, say
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.restore.batch import Outcome, TileProgress
    from restorekit.restore.jobs import Job


class Report:
    """Says what became of each picture, and counts them.

    Args:
        as_json: Whether stdout gets objects.
        debug: Whether to show tracebacks.
    """

    def __init__(self, as_json: bool, debug: bool) -> None:
        self._as_json = as_json
        self._tally = Tally(debug)
        self._skipped = 0
        self._model = ""
        self._since = time.perf_counter()
        self._advance: Callable[[], None] | None = None

    def model(self, name: str, license: str) -> None:
        """Say what restores, and under what terms."""
        self._model = name
        say(f"model {name}, licence {license or 'not stated'}")

    def failed(self, path: Path, error: RestorekitError) -> None:
        """Say why a picture, or what was to give pictures, was not restored."""
        with self._tally.failures():
            raise error
        self._object({"input": str(path), "error": error.message, "hint": error.hint})

    def skipped(self, job: Job) -> None:
        """Count a picture that an earlier run has done."""
        self._skipped += 1
        self._object({"input": str(job.input), "output": str(job.output), "skipped": True})

    def done(self, outcome: Outcome) -> None:
        """Say what became of a picture."""
        job, restored = outcome.job, outcome.restored
        for path, note in outcome.notes:
            say(f"note: {path}: {note}")
        if self._advance is not None:
            self._advance()
        if outcome.error is not None:
            self.failed(job.input, outcome.error)
            return
        self._tally.done += 1
        for path in job.outputs if not self._as_json else []:
            answer(f"{job.input} -> {path}")
        faces = None
        if restored is not None and restored.found is not None:
            faces = {"found": restored.found, "restored": restored.restored}
        self._object(
            {
                "input": str(job.input),
                "output": str(job.output),
                "compare": None if job.compare is None else str(job.compare),
                "faces": faces,
                "model": self._model,
                "seconds": round(outcome.seconds, 3),
                "notes": [note for _, note in outcome.notes],
            }
        )

    def summary(self) -> int:
        """Say how many were done, if there were several pictures, and return the exit status."""
        done, failed = self._tally.done, self._tally.failed
        if done + self._skipped + failed > 1:
            counts = {"done": done, "already there": self._skipped, "failed": failed}
            words = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
            say(f"{words}, in {time.perf_counter() - self._since:.1f} s")
        self._tally.done += self._skipped
        return self._tally.status

    @contextmanager
    def progress(self, total: int) -> Iterator[TileProgress | None]:
        """Show how far it has come, on a terminal; what is given is told of tiles."""
        if not sys.stderr.isatty():
            yield None
            return
        from restorekit.cli.progress import picture_bars

        with picture_bars(total) as (self._advance, tiles):
            yield lambda job, done, count: tiles(job.input.name, done, count)

    def _object(self, fields: dict[str, Any]) -> None:
        if self._as_json:
            answer_json(fields)
