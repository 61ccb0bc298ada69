"""restorekit show."""

from __future__ import annotations

from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import components, kinds


@app.command()
def show(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            autocompletion=kinds,
            help="A kind, such as network or loss; restorekit list shows them.",
        ),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", autocompletion=components, help="A registered name; restorekit list shows them."
        ),
    ],
) -> None:
    """Show what a component does and which keys it takes in a recipe."""
    from restorekit.cli.kinds import one_kind
    from restorekit.plugins import registry
    from restorekit.recipe.describe import description, fields

    entry = registry(one_kind(kind, component=True)).entry(name)
    cls = entry.resolve()
    print(f"{kind} {name}  ({entry.owner}, {cls.__module__}:{cls.__qualname__})\n")
    print(description(cls))
    for field in fields(cls):
        print(f"\n  {field.name} = {field.default}    {field.type}")
        if field.meaning:
            print(f"      {field.meaning}")
