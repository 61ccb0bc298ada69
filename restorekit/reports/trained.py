"""The rows of a piece whose recipes are trained: each becomes a restorer."""

from __future__ import annotations

from pathlib import Path

from restorekit.ablation.plan import Run, plan
from restorekit.ablation.train import check_runs, train_runs
from restorekit.errors import RestorekitError
from restorekit.reports.contestants import Contestant, load_contestants
from restorekit.reports.pieces import TrainedTable


def runs_of(piece: TrainedTable, folder: Path, out: Path) -> list[Run]:
    """Plan the runs of a piece, from seed 0.

    Args:
        piece: The piece.
        folder: Where its recipe lies; a folder of recipes is looked for beside it.
        out: Where runs go; pieces of the same recipes, steps and changes share them.

    Raises:
        RestorekitError: A recipe is wrong, or a row is none of them.
    """
    beside = folder / piece.recipes
    found = plan(beside if beside.is_dir() else Path(piece.recipes), out, piece.steps, 1, piece.set)
    by_row = {run.row: run for run in found}
    for row in piece.rows:
        if row not in by_row:
            raise RestorekitError(f"no recipe '{row}' in {piece.recipes}", f"one of: {', '.join(by_row)}")
    return [by_row[row] for row in piece.rows]


def trained_rows(runs: list[Run], device: str) -> dict[str, Contestant]:
    """Train what is not trained yet, and return the restorers by the names of their rows.

    Raises:
        RestorekitError: A run cannot go on, or its data cannot be read.
    """
    check_runs(runs)
    train_runs(runs, device)
    bundles = {run.row: run.folder / "bundle" for run in runs}
    loaded = load_contestants([*bundles.values()], device)
    return dict(zip(bundles, loaded.values(), strict=False))
