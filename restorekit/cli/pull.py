"""``restorekit pull``: a model of the Hub, into the Hub's cache."""

from __future__ import annotations

from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import answer, say


@app.command()
def pull(
    model: Annotated[str, typer.Argument(metavar="OWNER/NAME[@REVISION]", help="A model of the Hub.")],
) -> None:
    """Fetch a model of the Hub, and check every file against the digest that the Hub states.

    Prints its directory. Use it by the same name: restorekit deblur --model OWNER/NAME
    """
    from restorekit.bundle import load_bundle
    from restorekit.hub.pull import pull

    folder = pull(model)
    bundle = load_bundle(folder)
    say(f"model {bundle.name}, licence {bundle.license or 'not stated'}, commit {folder.name}")
    answer(folder)
