"""``restorekit evaluate FOLDER -o REPORT``: the tables and figures of a folder of recipes."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from restorekit.cli.output import answer, say
from restorekit.cli.progress import track
from restorekit.errors import RestorekitError


def write_report(
    recipes: Path,
    out: Path,
    *,
    overrides: Sequence[str],
    models: Sequence[str],
    share: float,
    batch: int,
    device: str,
) -> None:
    """Make a report; exit status 1 if some of it could not be made."""
    from restorekit.recipe.load import find_recipes
    from restorekit.reports.plan import read_plan
    from restorekit.reports.run import PAGE, make_report

    folder = recipes.parent if recipes.suffix == ".toml" else find_recipes(recipes)[0].parent
    plan = read_plan(recipes, overrides)
    failed = make_report(
        plan,
        out,
        folder=folder,
        title=f"Report of {recipes.name}",
        command=shlex.join(["restorekit", *sys.argv[1:]]),
        models=models,
        share=share,
        device=device,
        batch=batch,
        track=track,
        say=say,
    )
    answer(out / PAGE)
    if failed:
        say(f"not made in full: {', '.join(failed)}")
        raise typer.Exit(1)


def refuse_with_report(given: dict[str, object]) -> None:
    """Refuse options of a single test set, by their names, as far as they were given.

    Raises:
        RestorekitError: One was.
    """
    for name, value in given.items():
        if value:
            raise RestorekitError(
                f"{name} is for a single test set", "change the recipes of a folder with --set NAME.key=value"
            )
