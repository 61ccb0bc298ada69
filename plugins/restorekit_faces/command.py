"""The commands of faces: ``restorekit deblur``, and ``restorekit faces``, a training folder from one's own photos."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit import ImageError, RestorekitError, framed_command

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.detect import Face

deblur = framed_command(
    "faces", "deblurred", "Deblur photos and videos: their faces, or the whole picture if it has none."
)


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
        typer.Option(
            metavar="FILE",
            help="The ONNX file of YuNet, which by default is fetched once from the Hub, or of your own detector. "
            "Where YuNet cannot be fetched, a small detector that comes along looks for faces.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace faces that exist.")] = False,
) -> None:
    """Cut the sharp faces out of photos, aligned as CelebA's files: recipes take them with crop = "celeba".

    Writes OUT/PHOTO.EXT.1.png, 2 and so on, 178 x 218 pixels each, the eyes 37 apart, and prints a line PHOTO -> FACE
    for each. Faces that are blurred, too small, or cut by the border are left out, with a note. Exit status: 0 all
    photos done, 1 some failed, 2 nothing done.
    """
    from rich.console import Console
    from rich.progress import track

    from restorekit import registry
    from restorekit_faces.yunet import by_whom, load_detector

    if output.resolve().is_relative_to(photos.resolve()):
        raise RestorekitError(
            f"{output} lies in {photos}, the folder of the photos", "choose another place with -o"
        )
    folder = registry("source").get("folder")(photos)
    find, done, written = load_detector(detector), 0, 0
    shown = Console(stderr=True)
    if by := by_whom(detector, find):
        _say(f"note: faces are found{by}")
    for index in track(range(len(folder)), "faces", console=shown, disable=not sys.stderr.isatty()):
        try:
            photo = folder[index]
            written += _cut(photos / photo.id, photo.sharp, output / photo.id, find, overwrite)
        except RestorekitError as error:
            if context.obj["debug"]:
                traceback.print_exc()
            _say(f"error: {error}")
        else:
            done += 1
    _say(f"{written} faces from {done} of {len(folder)} photos")
    if done and not written:
        raise RestorekitError(
            f"no face in {photos} is good enough to train on", "give larger, sharper photos of faces"
        )
    raise typer.Exit(0 if done == len(folder) else 1 if done else 2)


def _cut(
    photo: Path, pixels: Array, place: Path, find: Callable[[Array], Sequence[Face]], overwrite: bool
) -> int:
    """Write the faces of a photo beside ``place``, and return how many they are."""
    from restorekit import write_image
    from restorekit_faces.cut import cut_faces

    cuts = cut_faces(pixels, find)
    if not cuts:
        _say(f"note: {photo}: no face found")
    targets = [place.with_name(f"{place.name}.{number}.png") for number in range(1, len(cuts) + 1)]
    for cut, target in zip(cuts, targets, strict=True):
        if cut.pixels is not None and target.exists() and not overwrite:
            raise ImageError(f"{target}: already exists", "give --overwrite, or another place with -o")
    for number, (cut, target) in enumerate(zip(cuts, targets, strict=True), 1):
        if cut.pixels is None:
            _say(f"note: {photo}: face {number} left out: {cut.fault}")
        else:
            write_image(target, cut.pixels)
            print(_line(f"{photo} -> {target}"), flush=True)
    return sum(cut.pixels is not None for cut in cuts)


def _say(words: str) -> None:
    print(_line(words), file=sys.stderr)


def _line(words: str) -> str:
    """Write what breaks a line, or moves the cursor, as an escape: names of files may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
