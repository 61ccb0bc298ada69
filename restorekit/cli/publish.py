"""``restorekit publish``: a bundle, onto the Hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.options import own_options
from restorekit.cli.output import answer, say
from restorekit.errors import RestorekitError


@app.command()
def publish(
    model: Annotated[Path, typer.Argument(metavar="RUN|BUNDLE", help="A run directory, or a bundle.")],
    repo: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="The repository on the Hub; made if there is none.")
    ],
    license: Annotated[
        str | None, typer.Option(metavar="ID", help="The Hub's id of its licence, such as cc-by-nc-4.0.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Make a new repository private.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be uploaded, and stop.")
    ] = False,
) -> None:
    """Publish a model on the Hub, as one commit: config, weights, graph, recipe, metrics and card.

    Prints the files with their bytes, then OWNER/NAME@COMMIT, which --model takes. A card on the Hub that a
    person edited is kept.
    """
    from huggingface_hub.utils import disable_progress_bars

    from restorekit.hub.publish import prepare
    from restorekit.hub.publish import publish as upload_to_hub

    if not license:
        raise RestorekitError(
            "no licence is given, and without one nobody may use the model",
            "give --license apache-2.0, cc-by-nc-4.0, other …; what it was trained on may limit the choice",
        )
    upload = prepare(model, license)
    for name, size in upload.sizes.items():
        answer(f"{size:>12,}  {name}")
    if dry_run:
        return
    if not sys.stderr.isatty():
        disable_progress_bars()
    with own_options("private"):
        commit, kept = upload_to_hub(upload, repo, private=private)
    if kept:
        say(f"note: README.md of {repo} was edited by a person, and stays as it is")
    answer(f"{repo}@{commit}")
