"""``restorekit deblur``: photos in, sharper photos out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import Tally, one_line

if TYPE_CHECKING:
    from restorekit.contracts import Restorer
    from restorekit.images import Picture
    from restorekit.restore.jobs import Job


@app.command()
def deblur(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            readable=False,  # one that may not be read must not end the run
            help="PNG, JPEG, WebP, TIFF, BMP, AVIF or HEIC pictures, or folders of them;"
            " after -- a name may begin with -.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="A file for one picture, in the format that its ending says, else a folder;"
            " without it, NAME.deblurred.EXT beside the input.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE",
            help="Folder, shipped name, or OWNER/NAME[@REVISION] on the Hub; else the default one.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    compare: Annotated[
        bool, typer.Option("--compare", help="Also write NAME.compare.png: before | after.")
    ] = False,
    max_pixels: Annotated[
        float,
        typer.Option(
            "--max-pixels",
            metavar="MEGAPIXELS",
            min=0,
            help="Refuse larger pictures, before they are decoded.",
        ),
    ] = 180,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
) -> None:
    """Deblur pictures at their own size, depth and transparency.

    Colour profile, EXIF, resolution and texts are kept; what a format cannot hold is said. Prints a line
    INPUT -> OUTPUT for each. Exit status: 0 all done, 1 some failed, 2 nothing done.
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
            picture = _read(job, round(max_pixels * 1e6))
        if picture is None:
            continue
        restorer = restorer or _load(model, device)  # not before a picture is there to restore
        with tally.failures():
            _restore(job, picture, restorer)
            for path in job.outputs:
                print(one_line(f"{job.input} -> {path}"), flush=True)
            tally.done += 1
    raise typer.Exit(tally.status)


def _read(job: Job, max_pixels: int) -> Picture:
    from restorekit import images

    picture = images.read(job.input, max_pixels)
    _note(job.input, picture.notes)
    return picture


def _restore(job: Job, picture: Picture, restorer: Restorer) -> None:
    from restorekit import images
    from restorekit.restore.pictures import restore_picture, side_by_side

    restored = restore_picture(restorer, picture)
    _note(job.output, images.write(job.output, restored))
    if job.compare is not None:
        images.write(job.compare, side_by_side(picture, restored))


def _note(path: Path, notes: tuple[str, ...]) -> None:
    for note in notes:
        print(one_line(f"note: {path}: {note}"), file=sys.stderr)


def _load(model: str | None, device: str) -> Restorer:
    from restorekit.restore.load import load_restorer

    restorer = load_restorer(model, device)
    print(f"model {restorer.name or model}, licence {restorer.license or 'not stated'}", file=sys.stderr)
    return restorer
