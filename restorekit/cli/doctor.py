"""restorekit doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import answer, answer_json
from restorekit.extras import install


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for a bug report.")] = False,
) -> None:
    """Describe this installation: versions, devices, extras, plugins, failures, needed files, caches."""
    from restorekit.doctor import diagnose

    found = diagnose()
    if as_json:
        answer_json(found, indent=2)
        return
    answer(f"python      {found['python']} on {found['platform']}")
    for name, version in found["packages"].items():
        answer(f"package     {name} {version or 'is missing'}")
    for device in found["devices"]:
        answer(f"device      {device}")
    for name, extra in found["extras"].items():
        missing = (
            f"lacks {', '.join(extra['missing'])}; {install(name)} adds" if extra["missing"] else "is here:"
        )
        answer(f"extra       {name} {missing} {extra['adds']}")
    for plugin in found["plugins"]:
        answer(f"plugin      {plugin['name']} ({plugin['distribution']} {plugin['version']})")
    for failure in found["failures"]:
        answer(
            f"FAILED      {failure['name']} ({failure['distribution']} {failure['version']}): {failure['error']}"
        )
    for name, place in found["needs"].items():
        print(f"needed      {name} {place}")
    for name, path in found["caches"].items():
        answer(f"cache       {name} {path}")
