"""restorekit doctor."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from restorekit.cli import app


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for a bug report.")] = False,
) -> None:
    """Say what this installation is made of: versions, devices, plugins, failures, needed files, caches."""
    from restorekit.doctor import diagnose

    found = diagnose()
    if as_json:
        print(json.dumps(found, indent=2))
        return
    print(f"python      {found['python']} on {found['platform']}")
    for name, version in found["packages"].items():
        print(f"package     {name} {version or 'is missing'}")
    for device in found["devices"]:
        print(f"device      {device}")
    for plugin in found["plugins"]:
        print(f"plugin      {plugin['name']} ({plugin['distribution']} {plugin['version']})")
    for failure in found["failures"]:
        print(
            f"FAILED      {failure['name']} ({failure['distribution']} {failure['version']}): {failure['error']}"
        )
    for name, place in found["needs"].items():
        print(f"needed      {name} {place}")
    for name, path in found["caches"].items():
        print(f"cache       {name} {path}")
