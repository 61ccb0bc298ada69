"""``restorekit faces``: a training folder from one's own photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import Tally, answer, say
from restorekit.cli.progress import track
from restorekit.errors import ImageError, RestorekitError

if TYPE_CHECKING:
    from restorekit.restore.faces.detect import Detector


@app.command()
def faces(
    context: typer.Context,
    photos: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of photos, with the folders below it.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="The folder of faces to write.")
    ],
    detector: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YuNet as ONNX; else the Hub's, opencv/face_detection_yunet."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace faces that exist.")] = False,
) -> None:
    """Cut the sharp faces out of photos, aligned as CelebA's files: recipes take them with crop = "celeba".

    Writes OUT/PHOTO.EXT.1.png, 2 and so on, 178 x 218 pixels each, the eyes 37 apart, and prints a line PHOTO -> FACE
    for each. Faces that are blurred, too small, or cut by the border are left out, and said. Exit status: 0 all photos
    done, 1 some failed, 2 nothing done.
    """
    from restorekit.data.sources.listing import list_pictures
    from restorekit.restore.faces.detect import load_detector

    if output.resolve().is_relative_to(photos.resolve()):
        raise RestorekitError(f"{output} lies in {photos}, the folder of the photos", "give -o another place")
    names = list_pictures(photos)
    find, tally, written = load_detector(detector), Tally(debug=context.obj["debug"]), 0
    for name in track(names, "faces", len(names)):
        with tally.failures():
            written += _cut(photos / name, output / name, find, overwrite)
            tally.done += 1
    say(f"{written} faces from {tally.done} of {len(names)} photos")
    if tally.done and not written:
        raise RestorekitError(
            f"no face in {photos} that one can train on", "give larger, sharper photos of faces"
        )
    raise typer.Exit(tally.status)


def _cut(photo: Path, place: Path, find: Detector, overwrite: bool) -> int:
    """Write the faces of a photo beside ``place``, and return how many they are."""
    from restorekit.images import read_rgb, write_rgb
    from restorekit.restore.faces.cut import cut_faces

    cuts = cut_faces(read_rgb(photo), find)
    if not cuts:
        _note(photo, "no face found")
    targets = [place.with_name(f"{place.name}.{number}.png") for number in range(1, len(cuts) + 1)]
    for cut, target in zip(cuts, targets, strict=True):
        if cut.pixels is not None and target.exists() and not overwrite:
            raise ImageError(f"{target}: already exists", "give --overwrite, or another place with -o")
    for number, (cut, target) in enumerate(zip(cuts, targets, strict=True), 1):
        if cut.pixels is None:
            _note(photo, f"face {number} left out: {cut.fault}")
        else:
            write_rgb(target, cut.pixels)
            answer(f"{photo} -> {target}")
    return sum(cut.pixels is not None for cut in cuts)


def _note(photo: Path, note: str) -> None:
    say(f"note: {photo}: {note}")
