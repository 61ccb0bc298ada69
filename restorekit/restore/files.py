"""Restoring picture files from a program, with all that a file holds besides its colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.restore.batch import Outcome, restore_jobs
from restorekit.restore.jobs import Job
from restorekit.restore.pictures import BATCH_PIXELS
from restorekit.restore.steady import Steady, Tile
from restorekit.restore.whole import Whole

if TYPE_CHECKING:
    from restorekit.framing import Framing


def restore_files(
    restorer: Restorer,
    files: Iterable[tuple[str | Path, str | Path]],
    framing: Framing | None = None,
    *,
    overwrite: bool = False,
    alone: bool = False,
    tile: Tile = "auto",
) -> Iterator[Outcome]:
    """Restore picture files as ``restorekit restore`` does: depth, transparency and metadata stay.

    Nothing is done before the first outcome is asked for. An output appears whole or not at all.

    Args:
        restorer: What restores.
        files: Each picture, and the file that its restored one is written to; its ending gives the format.
        framing: Which parts of a picture are restored; None for the whole.
        overwrite: Whether outputs that exist are replaced.
        alone: Whether each picture goes through the network alone, so that its result does not depend on the others
            by a bit. Otherwise small pictures of one size go together, which is faster on a GPU.
        tile: Longest side of the tiles that large pictures are cut into, pixels; auto goes by the free memory.

    Yields:
        What became of each picture, of a bad one too: first of those that cannot be begun, then of the others in order.

    Raises:
        RestorekitError: The framing does not suit the restorer, or lacks something.
    """
    jobs: list[Job] = []
    takers: dict[Path, Path] = {}
    for input, output in files:
        rival = takers.setdefault(Path(output), Path(input))
        job = Job(Path(input), Path(output), rival=None if rival == Path(input) else rival)
        try:
            job.check(overwrite)
        except RestorekitError as error:
            yield Outcome(job, error=error)
        else:
            jobs.append(job)
    look = (framing or Whole()).build(restorer)
    steady = Steady(restorer, tile)
    yield from restore_jobs(jobs, lambda: (steady, look), batch_pixels=0 if alone else BATCH_PIXELS)
