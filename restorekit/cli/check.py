"""restorekit check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import recipes
from restorekit.cli.output import answer, answer_json


@app.command()
def check(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE",
            autocompletion=recipes,
            help="A recipe or test set: a TOML file, or a shipped name. Or the folder of a report's recipes.",
        ),
    ] = None,
    overrides: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a key first. Repeatable.")
    ] = [],  # noqa: B006
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of recipes, for editors.")
    ] = False,
) -> None:
    """Check a recipe: every fault at once, with its line; no training, no torch."""
    if schema:
        from restorekit.recipe.editor import editor_schema

        answer_json(editor_schema(), indent=2)
        return
    if recipe is None:
        raise typer.BadParameter("give a recipe, or --schema")
    from restorekit.evaluation.load import is_test, load_protocol
    from restorekit.recipe import load_recipe
    from restorekit.reports.plan import is_report, read_plan

    if is_report(recipe):
        plan = read_plan(Path(recipe), overrides)
        answer(f"{recipe}: good, {len(plan.pieces)} tables and figures of {len(plan.tests)} test sets")
        return
    if is_test(recipe):
        protocol = load_protocol(recipe, overrides)
        answer(
            f"{recipe}: good, {len(protocol.metrics)} metrics on {protocol.versions} versions of each picture"
        )
        return
    loaded = load_recipe(recipe, overrides)
    steps = sum(stage.steps for stage in loaded.stages)
    answer(f"{recipe}: good, {steps:,} steps")
