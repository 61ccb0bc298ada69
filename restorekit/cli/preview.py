"""``restorekit preview``: what training will see."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import recipes
from restorekit.cli.output import answer
from restorekit.errors import RestorekitError
from restorekit.extras import need


@app.command()
def preview(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            autocompletion=recipes,
            help="A recipe: a TOML file, or the name of a shipped one.",
        ),
    ],
    count: Annotated[
        int | None, typer.Option("-n", min=1, help="Number of samples: by default 8, or 64 with --kernels.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The sheet; NAME.preview.png by default."),
    ] = None,
    kernels: Annotated[bool, typer.Option("--kernels", help="Show only the blur kernels.")] = False,
    stage: Annotated[int, typer.Option(min=1, help="The stage of the recipe, from 1.")] = 1,
    overrides: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a key first. Repeatable.")
    ] = [],  # noqa: B006
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a sheet that exists.")] = False,
) -> None:
    """Show the first samples of a recipe: sharp, degraded, and what was drawn."""
    need("train", "restorekit preview")
    from restorekit.recipe import load_recipe

    loaded = load_recipe(recipe, overrides)
    stages = loaded.stages
    if stage > len(stages):
        raise RestorekitError(
            f"{recipe} has {len(stages)} stages, no stage {stage}", f"give 1 to {len(stages)}"
        )
    sheet = output or Path(f"{loaded.name}.preview.png")
    if sheet.exists() and not overwrite:
        raise RestorekitError(f"{sheet}: already exists", "give --overwrite, or another name with -o")

    from restorekit.data.preview import kernel_sheet, preview_sheet
    from restorekit.images import write_rgb

    make, usual = (kernel_sheet, 64) if kernels else (preview_sheet, 8)
    write_rgb(sheet, make(loaded, stages[stage - 1], count or usual))
    answer(sheet)
