"""``restorekit deblur``: photos in, sharper photos out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import Tally

if TYPE_CHECKING:
    from restorekit.contracts import Restorer
    from restorekit.images import Picture
    from restorekit.restore.jobs import Job


@app.command()
def deblur(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="PNG, JPEG or WebP pictures, or folders of them.")
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="A file for one picture, else a folder; without it, NAME.deblurred.EXT beside the input.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="BUNDLE", help="Folder or shipped name of a model; else the default one."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    compare: Annotated[
        bool, typer.Option("--compare", help="Also write NAME.compare.png: before | after.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
) -> None:
    """Deblur pictures at their own size.

    Prints a line INPUT -> OUTPUT for each. Exit status: 0 all done, 1 some failed, 2 nothing done.
    """
    from restorekit.restore.jobs import pictures_in, plan

    tally = Tally(debug=context.obj["debug"])
    pictures: list[Path] = []
    for path in paths:
        with tally.failures():
            pictures += pictures_in(path)
    ready: list[Job] = []
    for job in plan(pictures, output, compare):
        with tally.failures():
            job.check(overwrite)
            ready.append(job)
    restorer: Restorer | None = None
    for job in ready:
        picture: Picture | None = None
        with tally.failures():
            picture = _read(job)
        if picture is None:
            continue
        restorer = restorer or _load(model, device)  # not before a picture is there to restore
        with tally.failures():
            _restore(job, picture, restorer)
            for path in job.outputs:
                print(f"{job.input} -> {path}", flush=True)
            tally.done += 1
    raise typer.Exit(tally.status)


def _read(job: Job) -> Picture:
    from restorekit import images

    picture = images.read(job.input)
    for note in picture.notes:
        print(f"note: {job.input}: {note}", file=sys.stderr)
    return picture


def _restore(job: Job, picture: Picture, restorer: Restorer) -> None:
    from restorekit import images
    from restorekit.restore.pictures import restore_picture, side_by_side

    restored = restore_picture(restorer, picture)
    images.write(job.output, restored)
    if job.compare is not None:
        images.write(job.compare, side_by_side(picture, restored))


def _load(model: str | None, device: str) -> Restorer:
    from restorekit.restore.load import load_restorer

    restorer = load_restorer(model, device)
    print(f"model {restorer.name or model}, licence {restorer.license or 'not stated'}", file=sys.stderr)
    return restorer
