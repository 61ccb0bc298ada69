"""Clips among the pictures of a command, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.cli.restore_options import Clips, Method
    from restorekit.cli.restore_report import Report
    from restorekit.contracts import Restorer
    from restorekit.framing import Framing
    from restorekit.restore.frames import Frames
    from restorekit.restore.jobs import Job


def restore_clips(
    jobs: Sequence[Job],
    wanted: Clips,
    method: Method,
    framing: Framing,
    load: Callable[[], Restorer],
    report: Report,
) -> None:
    """Restore clips; a bad one does not keep the others.

    Args:
        jobs: The clips, each checked already.
        wanted: Options.
        method: Options.
        framing: What of a frame is restored.
        load: Gives what restores.
        report: Told what became of each.
    """
    from restorekit.restore.memory import in_memory

    for job in jobs:
        assert job.container is not None
        since = time.perf_counter()
        with report.clip_progress(job) as tell:
            try:
                with in_memory(job.input):
                    result = job.container.restore(
                        wanted.of(job), lambda: _frames(method, framing, load()), tell
                    )
            except RestorekitError as error:
                report.failed(job.input, error)
                continue
        report.clip_done(job, result, time.perf_counter() - since)


def _frames(method: Method, framing: Framing, restorer: Restorer) -> Frames:
    from restorekit.restore.frames import Frames
    from restorekit.restore.steady import Steady

    if restorer.footprint.scale != 1:
        raise RestorekitError(
            f"model {restorer.name} enlarges, which clips cannot be", "choose another model for clips"
        )
    about: dict[str, Any] = {
        "model": [method.model, restorer.name, method.device, method.engine, str(method.kernel)],
        "strength": method.strength,
        "tile": method.tile,
        "framing": repr(framing),
    }
    return Frames(Steady(restorer, method.side, method.strength), framing.follow(restorer), about)
