"""Make the pieces of a report, each by what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.evaluation.plots import plot
from restorekit.evaluation.restorers import CLEAR
from restorekit.evaluation.table import under
from restorekit.images import write_rgb
from restorekit.reports.contestants import Contestant, able, load_contestants
from restorekit.reports.draft import Draft
from restorekit.reports.markdown import PICTURES
from restorekit.reports.pieces import Curve, Piece, ScoreTable, Sheet, TimeTable, TrainedTable
from restorekit.reports.plan import Plan
from restorekit.reports.scoring import Tests
from restorekit.reports.section import Image, Section
from restorekit.reports.sheets import sheet
from restorekit.reports.tables import notes_on, score_grid, time_grid
from restorekit.reports.timing import time_all, untrained
from restorekit.reports.trained import runs_of, trained_rows


@dataclass
class Maker:
    """Makes pieces of one report.

    Attributes:
        plan: The report.
        tests: Its test sets.
        out: Its folder.
        models: Who is scored in place of those that the test sets name; empty for these.
        device: Where bundles compute.
        folder: Where its recipes lie.
        command: What made it.
    """

    plan: Plan
    tests: Tests
    out: Path
    models: Sequence[str]
    device: str
    folder: Path
    command: str
    _loaded: dict[tuple[str | Restorer, ...], dict[str, Contestant]] = field(default_factory=dict)

    def check(self) -> None:
        """Load pictures and restorers of all test sets, and see that what is compared with is among them.

        Raises:
            RestorekitError: A restorer cannot be loaded, a test set has no pictures, or a table compares with no row.
        """
        for test in self.plan.tests:
            self.tests.pairs(test)[0]
            self.contestants(test)
        for name, piece in self.plan.pieces.items():
            if isinstance(piece, TimeTable) and piece.against and not self.models:
                for test in piece.tests:
                    rows = [*self.contestants(test), *piece.networks]
                    if piece.against not in rows:
                        raise RestorekitError(
                            f"{name}: no row '{piece.against}' to compare with", f"one of: {', '.join(rows)}"
                        )

    def make(self, name: str) -> Section:
        """Make a piece.

        Raises:
            RestorekitError: It cannot be made.
        """
        piece = self.plan.pieces[name]
        draft = Draft(name, piece)
        for test in piece.tests:
            match piece:
                case ScoreTable() | TrainedTable():
                    self._table(draft, piece, test)
                case Curve():
                    self._curve(draft, piece, test)
                case Sheet():
                    self._sheet(draft, piece, test)
                case TimeTable():
                    self._times(draft, piece, test)
        return draft.section(self.command)

    def contestants(self, test: str, piece: Piece | None = None) -> dict[str, Contestant]:
        """Load who is scored on a test set: what a piece has trained, or the usual restorers.

        Raises:
            RestorekitError: One cannot be loaded, or not be trained.
        """
        if isinstance(piece, TrainedTable):
            return trained_rows(runs_of(piece, self.folder, self.out / "trained"), self.device)
        more = piece.methods if isinstance(piece, ScoreTable) else ()
        return self._load(self.models or [*self.plan.tests[test].restorers, *more])

    def _load(self, wanted: Sequence[str | Restorer]) -> dict[str, Contestant]:
        key = tuple(wanted)
        if key not in self._loaded:
            self._loaded[key] = load_contestants(wanted, self.device)
        return self._loaded[key]

    def _table(self, draft: Draft, piece: ScoreTable | TrainedTable, test: str) -> None:
        who = self.contestants(test, piece)
        sharp = self._load([CLEAR]) if isinstance(piece, ScoreTable) and piece.clear else {}
        scored = self.tests.score(test, {**sharp, **who})
        draft.grids.append(score_grid(test, scored, piece.metrics, who))
        if isinstance(piece, TrainedTable):
            draft.note(f"trained by {piece.recipes}, {piece.steps:,} steps for the longest", *piece.set)
        draft.note(*notes_on(scored, piece.metrics, who))
        draft.failures(dict(scored.failed))
        draft.measured(test, scored.result, scored.dates, scored.devices)

    def _curve(self, draft: Draft, piece: Curve, test: str) -> None:
        who = self.contestants(test)
        scored = self.tests.score(test, who)
        for metric in piece.metrics or scored.result["metrics"]:
            file = f"{draft.name}-{test}-{metric}.png"
            draft.images.append(Image(file, f"{metric} {under(scored.result)}", plot(scored.result, metric)))
        draft.note(*notes_on(scored, piece.metrics, who))
        draft.failures(dict(scored.failed))
        draft.measured(test, scored.result, scored.dates, scored.devices)

    def _sheet(self, draft: Draft, piece: Sheet, test: str) -> None:
        who = self.contestants(test, self.plan.pieces.get(piece.trained))
        pairs = self.tests.pairs(test, least=piece.pictures)
        picture, failed = sheet(pairs, piece.pictures, who, self.tests.kept(test))
        file = self.out / PICTURES / f"{draft.name}-{test}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_rgb(file, picture)
        draft.images.append(Image(file.name, f"{piece.title}: {test}", file.read_bytes()))
        draft.failures(failed)
        shown = min(piece.pictures, len(pairs))
        result = {"share": 1, "of": len(pairs)} | dict(pairs.about) | {"pairs": shown, "pictures": shown}
        draft.measured(test, result, [date.today().isoformat()], [self.tests.device])

    def _times(self, draft: Draft, piece: TimeTable, test: str) -> None:
        pairs = self.tests.pairs(test, least=piece.pictures)
        some = [pairs[n % len(pairs)] for n in range(piece.pictures)]
        fresh = {each: untrained(each, self.device) for each in piece.networks}
        who = able({**self.contestants(test), **fresh}, some[0].facts())
        file = self.out / "scores" / f"{test}-times.jsonl"
        times, failed = time_all(who, some, file, self.tests.device, date.today().isoformat())
        draft.grids.append(time_grid(times, who, piece.against))
        if piece.against and piece.against not in who:
            draft.note(f"not compared with {piece.against}, which was not timed")
        height, width = some[0].degraded.shape[:2]
        draft.note(
            f"{piece.pictures} pictures of {width} x {height}, one at a time, after one that does not count; loading "
            "and decoding are left out"
        )
        if fresh:
            draft.note(f"with fresh weights, on which the time does not depend: {', '.join(fresh)}")
        draft.failures(failed)
        result = dict(pairs.about) | {"pairs": len(pairs), "pictures": len({pair.image for pair in some})}
        draft.measured(
            test, result, {each.date for each in times.values()}, {each.device for each in times.values()}
        )
