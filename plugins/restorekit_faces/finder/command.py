"""The command ``restorekit detector``: a trained face finder as a file for ``deblur``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit import RestorekitError


def detector(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="What restorekit train face_detector made.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The ONNX file to write.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Write a face detector that was trained by restorekit as an ONNX file, which deblur --detector FILE takes.

    OpenCV runs it; its maps are compared with torch's first. It needs the extra 'train'.
    """
    from restorekit_faces.finder.export import export_finder

    if output.exists() and not overwrite:
        raise RestorekitError(f"{output}: already exists", "give --overwrite, or another name")
    export_finder(bundle, output)
    print(f"{bundle} -> {output}")
