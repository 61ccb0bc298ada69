"""``restorekit deblur``: photos in, sharper photos out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit.cli import app
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.restore.steady import Steady, Tile


class Faces(StrEnum):
    """What is looked for in a picture."""

    auto = "auto"
    only = "only"
    off = "off"


@app.command()
def deblur(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...",
            readable=False,  # one that may not be read must not end the run
            help="PNG, JPEG, WebP, TIFF, BMP, AVIF or HEIC pictures, folders of them, or patterns such as '*.jpg';"
            " after -- a name may begin with -.",
        ),
    ] = None,
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
    recursive: Annotated[
        bool,
        typer.Option("-r", "--recursive", help="Look into the folders of folders; OUT gets the same tree."),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE",
            help="Folder, shipped name, OWNER/NAME[@REVISION] on the Hub, or .onnx file; else the default one.",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="torch|onnx",
            help="What computes; onnx takes an .onnx file of restorekit export, and does without torch."
            " Else the model tells.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    faces: Annotated[
        Faces,
        typer.Option(
            metavar="auto|only|off",
            help="auto: the faces, or the whole of a picture up to 4 megapixels that has none; only: nothing but"
            " faces; off: the whole picture.",
        ),
    ] = Faces.auto,
    detector: Annotated[
        Path | None, typer.Option(metavar="ONNX", help="YuNet's file; else the Hub's is fetched once.")
    ] = None,
    strength: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the change that is made: 0 leaves the picture as it is."),
    ] = 1.0,
    tile: Annotated[
        str,
        typer.Option(
            metavar="auto|PIXELS|off",
            help="Side of the tiles that large pictures are cut into: by the memory at hand, so many pixels"
            " (overlap included), or whole pictures.",
        ),
    ] = "auto",
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="Also write NAME.compare.png: before | after, with the largest face below."
        ),
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
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out what an earlier run has done.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
    web: Annotated[
        bool,
        typer.Option(
            "--web",
            help="Open a page on this machine to drop photos on, with these options to begin with; takes no PATH,"
            " nor what is about files. Needs pip install 'restorekit[demo]'.",
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print an object a picture: input; output, compare, faces, model, seconds and notes, or skipped;"
            " or error and hint.",
        ),
    ] = False,
) -> None:
    """Deblur pictures at their own size, depth and transparency.

    Colour profile, EXIF, resolution and texts are kept; what a format cannot hold is said. Prints a line
    INPUT -> OUTPUT for each. Exit status: 0 all done, 1 some failed, 2 nothing done.
    """
    largest = round(min(max_pixels, 1e6) * 1e6)  # no file holds more, and infinity is no integer
    if web:
        from restorekit.cli.deblur_web import open_page

        about_files = (paths, output, recursive, compare, skip_existing, overwrite, as_json)
        if any(about_files):
            raise RestorekitError(
                "--web takes no PATH, nor -o, -r, --compare, --skip-existing, --overwrite or --json",
                "drop photos on its page, and download them there",
            )
        open_page(model, device, engine, faces.value, detector, strength, _tile(tile), largest)
    if not paths:
        raise RestorekitError("no PATH is given", "name pictures or folders, or give --web for a page")
    from restorekit.cli.deblur_report import Report
    from restorekit.restore.batch import restore_files
    from restorekit.restore.finder import FaceFinder
    from restorekit.restore.jobs import Job, output_folder, plan
    from restorekit.restore.listing import Found, find_pictures

    if skip_existing and overwrite:
        raise RestorekitError("--skip-existing and --overwrite exclude each other", "give one of them")
    side = _tile(tile)
    report = Report(as_json, debug=context.obj["debug"])
    pictures: list[Found] = []
    for path in paths:
        for found in find_pictures(path, recursive, output_folder(output)):
            if isinstance(found, Found):
                pictures.append(found)
            else:
                report.failed(path, found)
    ready: list[Job] = []
    for job in plan(pictures, output, compare, keep=skip_existing):
        if job.done:
            report.skipped(job)
            continue
        try:
            job.check(overwrite)
        except RestorekitError as error:
            report.failed(job.input, error)
        else:
            ready.append(job)
    finder = None if faces is Faces.off else FaceFinder(faces is Faces.only, detector)

    def start() -> Steady:  # not before a picture is there to restore
        from restorekit.restore.load import load_restorer
        from restorekit.restore.steady import Steady

        restorer = load_restorer(model, device, engine)
        report.model(restorer.name or str(model), restorer.license)
        if finder is not None:
            finder.prepare(restorer)
        return Steady(restorer, side, strength)

    with report.progress(len(ready)) as on_tile:
        for outcome in restore_files(ready, start, finder, largest, on_tile):
            report.done(outcome)
    raise typer.Exit(report.summary())


def _tile(word: str) -> Tile:
    if word == "auto":
        return "auto"
    if word == "off":
        return "off"
    try:
        side = int(word)
    except ValueError:
        side = 0
    if side < 1:
        raise RestorekitError(
            f"--tile {word}: is neither auto, off nor a number of pixels", "try --tile 1024"
        )
    return side
