"""What a command that restores pictures says: a line a picture on stdout, words and progress on stderr."""

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
    from restorekit.contracts import ClipProgress, ClipResult
    from restorekit.framing import Part
    from restorekit.restore.batch import Outcome, TileProgress
    from restorekit.restore.jobs import Job
    from restorekit.restore.listing import LeftOut


class Report:
    """Says what became of each picture, and counts them.

    Args:
        as_json: Whether stdout gets objects.
        debug: Whether to show tracebacks.
        parts: What the parts are called that the framing looks for; may be empty.
        spell: Writes keys of the framing as the command takes them.
    """

    def __init__(
        self, as_json: bool, debug: bool, parts: str = "", spell: Callable[[str], str] = str
    ) -> None:
        self._as_json = as_json
        self._tally = Tally(debug)
        self._parts = parts
        self._spell = spell
        self._skipped = self._restored = self._left_alone = 0
        self._model = ""
        self._since = time.perf_counter()
        self._advance: Callable[[], None] | None = None

    def model(self, name: str, license: str) -> None:
        """Say what restores, and under what terms."""
        self._model = name
        say(f"model {name}, licence {license or 'not stated'}")

    def failed(self, path: Path, error: RestorekitError) -> None:
        """Say why a picture, or what was to give pictures, was not restored."""
        spelled = RestorekitError(self._spell(error.message), self._spell(error.hint))
        with self._tally.failures():
            raise spelled from error
        self._object({"input": str(path), "error": spelled.message, "hint": spelled.hint})

    def skipped(self, job: Job) -> None:
        """Count a picture that an earlier run has done."""
        self._skipped += 1
        self._object({"input": str(job.input), "output": str(job.output), "skipped": True})

    def left_out(self, found: LeftOut) -> None:
        """Say what is there and not taken for a picture."""
        say(f"note: {found.path}: {found.why}")
        self._object({"input": str(found.path), "left_out": found.why})

    def done(self, outcome: Outcome) -> None:
        """Say what became of a picture."""
        job, restored = outcome.job, outcome.restored
        for path, note in outcome.notes:
            say(f"note: {path}: {self._spell(note)}")
        if self._advance is not None:
            self._advance()
        if outcome.error is not None or restored is None:
            self.failed(job.input, outcome.error or RestorekitError(f"{job.input}: was not restored"))
            return
        self._tally.done += 1
        self._restored += restored.changed
        self._left_alone += not restored.changed
        written = job.outputs if restored.changed or not job.only_changed else []
        for path in written if not self._as_json else []:
            answer(f"{job.input} -> {path}")
        told = self._parts or (restored.parts is not None)
        parts = {self._parts or "parts": _told(restored.parts)} if told else {}
        self._object(
            {
                "input": str(job.input),
                "output": str(job.output) if written else None,
                "compare": str(job.compare) if written and job.compare is not None else None,
                "restored": restored.changed,
                **parts,
                "model": self._model,
                "seconds": round(outcome.seconds, 3),
                "notes": [self._spell(note) for _, note in outcome.notes],
            }
        )

    def clip_done(self, job: Job, result: ClipResult, seconds: float) -> None:
        """Say what became of a clip."""
        self._tally.done += 1
        self._restored += result.restored > 0
        self._left_alone += not result.restored
        speed = result.frames / seconds if seconds > 0 else 0.0
        notes = [
            f"{result.restored} of {result.frames} frames restored, {speed:.1f} frames a second",
            *map(self._spell, result.notes),
        ]
        for note in notes:
            say(f"note: {job.input}: {note}")
        if result.written and not self._as_json:
            answer(f"{job.input} -> {job.output}")
        self._object(
            {
                "input": str(job.input),
                "output": str(job.output) if result.written else None,
                "restored": result.restored > 0,
                "frames": {"found": result.frames, "restored": result.restored},
                "flicker": None if result.flicker is None else round(result.flicker, 4),
                "model": self._model,
                "seconds": round(seconds, 3),
                "notes": notes,
            }
        )

    def summary(self) -> int:
        """Say what became of how many, if there were several pictures, and return the exit status."""
        done, failed = self._tally.done, self._tally.failed
        if done + self._skipped + failed > 1:
            counts = {
                "restored": self._restored,
                "left alone": self._left_alone,
                "already there": self._skipped,
                "failed": failed,
            }
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

    @contextmanager
    def clip_progress(self, job: Job) -> Iterator[ClipProgress | None]:
        """Show how far a clip has come, on a terminal; what is given is told of frames."""
        if not sys.stderr.isatty():
            yield None
            return
        from restorekit.cli.progress import frame_bar

        with frame_bar(job.input.name) as tell:
            yield tell

    def _object(self, fields: dict[str, Any]) -> None:
        if self._as_json:
            answer_json(fields)


def _told(parts: tuple[Part, ...] | None) -> dict[str, Any] | None:
    if parts is None:
        return None
    each = [
        {
            "box": [round(side, 1) for side in part.box],
            "decision": part.left or "restored",
            **{
                name: round(fact, 3) if isinstance(fact, float) else fact for name, fact in part.facts.items()
            },
        }
        for part in parts
    ]
    return {"found": len(parts), "restored": sum(not part.left for part in parts), "each": each}
