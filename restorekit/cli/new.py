"""``restorekit new``: packages to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from restorekit.cli import app
from restorekit.cli.output import answer, say

new = typer.Typer(no_args_is_help=True, help="Packages to start from.")
app.add_typer(new, name="new")


@new.command()
def plugin(
    name: Annotated[str, typer.Argument(help="What recipes will call it, such as lens_dust.")],
    kind: Annotated[
        Literal["degradation", "network", "loss", "task"], typer.Option(help="What it brings.")
    ] = "degradation",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="The folder to make; restorekit-NAME if left out."
        ),
    ] = None,
) -> None:
    """Write the package of a plugin: a component that works, its tests, a recipe that tries it, and a README.

    Prints the folder, and says which commands come next.
    """
    from restorekit.scaffold.names import plugin_names
    from restorekit.scaffold.write import write_plugin

    names = plugin_names(name, kind)
    folder = output or Path(names.distribution)
    write_plugin(names, kind, folder)
    answer(folder)
    for command in (
        f"cd {shlex.quote(str(folder))}",
        "pip install -e '.[test]'",
        f"restorekit show {kind} {names.component}",
        "restorekit preview recipe.toml",
        "pytest",
    ):
        say(f"next: {command}")
