"""``restorekit export``: a model, as a file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import models
from restorekit.cli.options import own_options
from restorekit.cli.output import answer, say
from restorekit.errors import RestorekitError


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
    output: Annotated[
        Path | None,
        typer.Argument(metavar="OUT.onnx", help="The file to write.", show_default="the bundle's own graph"),
    ] = None,
    half: Annotated[
        bool,
        typer.Option("--half", help="Weights and arithmetic in fp16: half the size; inputs stay float32."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
) -> None:
    """Write a model as an ONNX file for pictures of any size, checked against torch at three sizes.

    Prints the largest difference from torch at each size, for values from 0 to 1; if it is too large, no file is
    written. It is used by: restorekit deblur --model OUT.onnx

    Without OUT.onnx it writes BUNDLE/model.onnx again, the graph by which a bundle restores without torch; its weights
    stay in model.safetensors. Training writes it by itself.
    """
    from restorekit.bundle import GRAPH, find_bundle
    from restorekit.export import add_graph, export_onnx
    from restorekit.hub.pull import fetch_model

    if output is None:
        if half:
            raise RestorekitError(
                "--half is for a file of its own", "name OUT.onnx; a graph has the bundle's own weights"
            )
        checks, file = add_graph(model), find_bundle(model) / GRAPH
    else:
        with own_options("overwrite", "half"):
            checks, file = export_onnx(fetch_model(model), output, half=half, overwrite=overwrite), output
    for check in checks:
        answer(check)
    size = file.stat().st_size
    say(f"wrote {file}, {f'{size / 1e6:.1f} MB' if output else f'{size / 1e3:.0f} KB'}")
