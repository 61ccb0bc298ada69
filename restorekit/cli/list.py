"""restorekit list."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from restorekit.cli import app


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Argument(help="One kind only: network, loss, degradation …")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the components that are installed, by kind, and who provides them."""
    from restorekit.cli.kinds import one_kind
    from restorekit.plugins import KINDS, registry

    kinds = KINDS if kind is None else (one_kind(kind),)
    rows = [
        {"kind": k, "name": entry.name, "owner": entry.owner, "target": str(entry.target)}
        for k in kinds
        for entry in registry(k)
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        print(f"{row['kind']:<12} {row['name']:<{width}}  {row['owner']}")
