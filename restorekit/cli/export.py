"""``restorekit export``: a model, as a file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import models
from restorekit.cli.options import own_options
from restorekit.cli.output import answer, say


@app.command()
def export(
    model: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE",
            autocompletion=models,
            help="Folder, shipped name, or OWNER/NAME[@REVISION] on the Hub.",
        ),
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="The file to write.")],
    half: Annotated[
        bool,
        typer.Option("--half", help="Weights and arithmetic in fp16: half the size; inputs stay float32."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Write a model as an ONNX file for pictures of any size, checked against torch at three sizes.

    Prints the largest difference to torch at each size, of a range of 1; if it differs too much, no file is written.
    It is used by: restorekit deblur --model OUT.onnx
    """
    from restorekit.export import export_onnx
    from restorekit.hub.pull import fetch_model

    with own_options("overwrite", "half"):
        checks = export_onnx(fetch_model(model), output, half=half, overwrite=overwrite)
    for check in checks:
        answer(check)
    say(f"wrote {output}, {output.stat().st_size / 1e6:.1f} MB")
