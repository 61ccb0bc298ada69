"""Make a report: what was measured before is not measured again, and what is done is written after every piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from restorekit.errors import RestorekitError
from restorekit.reports.make import Maker
from restorekit.reports.markdown import PICTURES, markdown
from restorekit.reports.origin import device_in_words
from restorekit.reports.page import page
from restorekit.reports.pieces import Curve
from restorekit.reports.plan import Plan
from restorekit.reports.scoring import Tests, Track
from restorekit.reports.section import Section
from restorekit.training.lock import LOCK, locked
from restorekit.whole import write_whole

PAGE, TEXT = "report.html", "report.md"


def make_report(
    plan: Plan,
    out: Path,
    *,
    folder: Path,
    title: str,
    command: str,
    models: Sequence[str] = (),
    share: float = 1.0,
    device: str = "auto",
    batch: int = 32,
    track: Track = lambda items, name, count: items,
    say: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Make the pieces of a report, and write it as ``report.html``, which needs nothing beside it, and ``report.md``.

    A report that was ended by whatever means goes on where it was. One that is made again with another share,
    restorer or piece keeps what it has.

    Args:
        plan: The report.
        out: Its folder; made if there is none.
        folder: Where its recipes lie.
        title: What stands above it.
        command: What makes it, for the lines that say where numbers come from.
        models: Who is scored in place of those that the test sets name.
        share: Which share of the pairs of each test set is scored.
        device: auto, cpu, cuda, cuda:1 or mps.
        batch: Pictures restored at once.
        track: Shows progress.
        say: Takes lines about what is done.

    Returns:
        The names of the pieces that could not be made in full.

    Raises:
        RestorekitError: The folder holds something else, cannot be written, or another process writes it; matplotlib
            is missing; a restorer cannot be loaded, or a test set has no pictures.
    """
    with locked(out, "writes"):
        _check(plan, out)
        tests = Tests(plan.tests, out, share, device_in_words(device), batch, track)
        maker = Maker(plan, tests, out, models, device, folder, command)
        maker.check()  # what is wrong is said before hours go into the rest
        done: list[Section] = []
        for name, piece in plan.pieces.items():
            say(f"{name}: {piece.title}")
            try:
                done.append(maker.make(name))
            except RestorekitError as error:
                why = "; ".join(error.message.splitlines())
                say(f"{name} failed: {why}")
                done.append(Section(name, piece.title, notes=[f"not made: {why}"], failed=True))
            _write(out, title, plan, share, done)
    return [section.name for section in done if section.failed]


def _check(plan: Plan, out: Path) -> None:
    draws = any(isinstance(piece, Curve) for piece in plan.pieces.values())
    if draws and find_spec("matplotlib") is None:
        raise RestorekitError("curves need matplotlib", "pip install 'restorekit[plots]'")
    is_report = (out / "scores").is_dir() or (out / TEXT).exists()
    if not is_report and any(each.name != LOCK for each in out.iterdir()):
        raise RestorekitError(f"{out}: is not empty and holds no report", "choose another folder")


def _write(out: Path, title: str, plan: Plan, share: float, done: Sequence[Section]) -> None:
    part = (
        "all pairs" if share >= 1 else f"a share of {share:g} of the pairs, drawn once and the same for all"
    )
    opening = [
        f"Every number here was measured by restorekit on {part}. Below each table and figure are the command, the "
        "data, the kernels, the device and the date. None is quoted from a paper.",
    ]
    if len(done) < len(plan.pieces):
        opening.append(f"Not yet finished: {len(done)} of {len(plan.pieces)} pieces.")
    for section in done:
        for image in section.images:
            write_whole(out / PICTURES / image.name, image.png)
    write_whole(out / TEXT, markdown(title, opening, done).encode())
    write_whole(out / PAGE, page(title, opening, done).encode())
