"""restorekit list."""

from __future__ import annotations

from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import kinds
from restorekit.cli.output import answer, answer_json


@app.command("list")
def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND", autocompletion=kinds, help="One kind only: network, loss, degradation …"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the components that are installed, by kind, and who provides them."""
    from restorekit.cli.kinds import one_kind
    from restorekit.kinds import KINDS
    from restorekit.plugins import registry

    chosen = KINDS if kind is None else (one_kind(kind),)
    rows = [
        {"kind": k, "name": entry.name, "owner": entry.owner, "target": str(entry.target)}
        for k in chosen
        for entry in registry(k)
    ]
    if as_json:
        answer_json(rows, indent=2)
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        answer(f"{row['kind']:<12} {row['name']:<{width}}  {row['owner']}")
