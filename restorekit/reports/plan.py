"""From a folder of recipes to the pieces of a report and their test sets: every fault is said before work begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError, brief
from restorekit.evaluation.load import load_protocol
from restorekit.evaluation.protocol import Protocol
from restorekit.recipe.extends import read_extended
from restorekit.recipe.load import find_recipes, read_model
from restorekit.reports.pieces import PIECES, Piece, Sheet, TrainedTable


@dataclass(frozen=True)
class Plan:
    """A report to make.

    Attributes:
        pieces: Its tables and figures by name, in order.
        tests: The test sets that they use, by name.
    """

    pieces: Mapping[str, Piece]
    tests: Mapping[str, Protocol]


def is_report(path: str | Path) -> bool:
    """Tell a folder of recipes, or one piece of a report, from a test set."""
    file = Path(path)
    if file.suffix == ".toml" and file.is_file():
        return "show" in read_extended(file, str(path))[0]
    try:
        return file.suffix != ".toml" and not file.is_file() and bool(find_recipes(file))
    except RestorekitError:
        return False


def read_plan(path: Path, overrides: Sequence[str] = ()) -> Plan:
    """Read a report: a folder of recipes, of pieces and test sets, or one piece beside its test sets.

    Args:
        path: The folder, or the file of a piece.
        overrides: ``NAME.key=value`` each, a change to the recipe in the file ``NAME.toml``.

    Raises:
        RestorekitError: A recipe is wrong, or names a test set, metric or piece that there is not.
    """
    files = {file.stem: file for file in find_recipes(path.parent if path.suffix == ".toml" else path)}
    own = _by_recipe(overrides, files)
    tables = {name: read_extended(file, str(file))[0] for name, file in files.items()}
    wanted = [path.stem] if path.suffix == ".toml" else [name for name in files if "show" in tables[name]]
    if not wanted:
        raise RestorekitError(
            f"{path}: no recipe of a table or figure", "a piece of a report says what to show"
        )
    pieces: dict[str, Piece] = {}
    for name in wanted:
        piece = _piece(files[name], tables[name], own[name])
        pieces[name] = piece
        if isinstance(piece, Sheet) and piece.trained in files and piece.trained not in wanted:
            wanted.append(piece.trained)
    tests: dict[str, Protocol] = {}
    for name, piece in pieces.items():
        for test in piece.tests:
            if test not in files or "show" in tables[test]:
                raise RestorekitError(
                    f"{files[name]}: no test set '{test}' beside it", "name the file of a test set"
                )
            if test not in tests:
                tests[test] = load_protocol(files[test], own[test])
        _check(files[name], piece, pieces, tests)
    return Plan(pieces, tests)


def _by_recipe(overrides: Sequence[str], files: Mapping[str, Path]) -> dict[str, list[str]]:
    own: dict[str, list[str]] = {name: [] for name in files}
    for override in overrides:
        name, _, rest = override.partition("=")[0].partition(".")
        if name not in own:
            raise RestorekitError(
                f"override {brief(override)}: no recipe '{brief(name)}'",
                f"begin with one of: {', '.join(files)}",
            )
        if "=" not in override or not rest.strip():
            raise RestorekitError(
                f"override {brief(override)}: not NAME.key=value",
                f"write {name}.{brief(rest.strip() or 'KEY')}=VALUE",
            )
        own[name].append(override.partition(".")[2])
    return own


def _piece(file: Path, table: Mapping[str, Any], overrides: Sequence[str]) -> Piece:
    model = PIECES.get(str(table.get("show")))
    if model is None:
        raise RestorekitError(f"{file}: shows {table.get('show')!r}", f"show one of: {', '.join(PIECES)}")
    return read_model(model, file, str(file), overrides)


def _check(file: Path, piece: Piece, pieces: Mapping[str, Piece], tests: Mapping[str, Protocol]) -> None:
    for metric in getattr(piece, "metrics", ()):
        for test in piece.tests:
            if metric not in tests[test].metrics:
                known = ", ".join(tests[test].metrics)
                raise RestorekitError(f"{file}: '{test}' has no metric '{metric}'", f"one of: {known}")
    of = getattr(piece, "trained", "")
    if of and not isinstance(pieces.get(of), TrainedTable):
        raise RestorekitError(f"{file}: no piece '{of}' of trained recipes", "name one of the same report")
