"""``restorekit new``: packages to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import answer, say
from restorekit.errors import UnknownNameError
from restorekit.kinds import COMPONENTS
from restorekit.registries import did_you_mean

KINDS = [kind.name for kind in COMPONENTS]

new = typer.Typer(no_args_is_help=True, help="Packages to start from.")
app.add_typer(new, name="new")


@new.command()
def plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The component's name in recipes, such as lens_dust.")
    ],
    kind: Annotated[str, typer.Option(help=f"What the plugin adds: {', '.join(KINDS)}.")] = "degradation",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="The folder to make; restorekit-NAME by default."),
    ] = None,
) -> None:
    """Write the package of a plugin: a component that works, its tests, a recipe that tries it, and a README.

    Prints the folder and the next commands to run.
    """
    from restorekit.scaffold.names import plugin_names
    from restorekit.scaffold.write import write_plugin

    if kind not in KINDS:
        raise UnknownNameError(f"no plugin of kind '{kind}' can be made", did_you_mean(kind, KINDS))
    names = plugin_names(name, kind)
    folder = output or Path(names.distribution)
    write_plugin(names, kind, folder)
    answer(folder)
    for command in (
        f"cd {shlex.quote(str(folder))}",
        "pip install -e '.[test]'",
        f"restorekit show {kind} {names.component}",
        *(["restorekit preview recipe.toml"] if (folder / "recipe.toml").exists() else []),
        "pytest",
    ):
        say(f"next: {command}")
