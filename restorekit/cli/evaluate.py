"""``restorekit evaluate``: score a model on a degraded test set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from restorekit.cli import app
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Metric, Restorer


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of sharp pictures, or CelebA's root.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE|input", help="A model, else the default one; 'input' scores the blurred pictures."
        ),
    ] = None,
    listing: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Keep the pictures named in FILE, one a line."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Keep so many, the first by name.")] = None,
    crop: Annotated[
        Literal["celeba", "center"], typer.Option(help="CelebA's 128 x 128 face, or the centred square.")
    ] = "celeba",
    kernels: Annotated[str, typer.Option(metavar="NAME|FILE.npz", help="Blur kernels.")] = "faces80",
    noise: Annotated[float, typer.Option(min=0, help="Noise sigma, in grey levels of 255.")] = 1.0,
    batch: Annotated[int, typer.Option(min=1, help="Pictures restored at once.")] = 32,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    json: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write the whole result to this file.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")] = False,
) -> None:
    """Blur sharp pictures with fixed kernels, restore them, and score the result against the sharp ones.

    The degraded pictures are the same on every run and machine. Prints a table; --json keeps all of it.
    """
    from rich.console import Console
    from rich.progress import track

    from restorekit import __version__
    from restorekit.evaluate.kernels import load_kernels
    from restorekit.evaluate.pictures import find_images
    from restorekit.evaluate.protocol import Protocol
    from restorekit.evaluate.report import check_output, summarise, write_json
    from restorekit.evaluate.run import score_pairs
    from restorekit.evaluate.table import print_result

    if json:
        check_output(json, overwrite)
    folder, names = find_images(data, listing, limit)
    protocol = Protocol(load_kernels(kernels), crop, noise)
    restorer = None if model == "input" else _load(model, device)
    name = restorer.name or str(model) if restorer else "input"
    metrics = _metrics()
    scores = track(
        score_pairs(protocol.pairs(folder, names), restorer, metrics, batch),
        description=name,
        total=len(names) * len(protocol.kernels),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    result = {
        "restorekit": __version__,
        "model": name,
        "data": data.resolve().name,
        "list": listing.name if listing else None,
        "protocol": protocol.describe(),
    } | summarise(list(scores), metrics)
    print_result(result)
    if json:
        write_json(json, result)


def _load(model: str | None, device: str) -> Restorer:
    from restorekit.restore.load import load_restorer

    return load_restorer(model, device)


def _metrics() -> dict[str, Metric]:
    """Every registered metric; one that does not load is named and left out."""
    from pydantic import ValidationError

    from restorekit.plugins import registry
    from restorekit.recipe.component import make_component

    found: dict[str, Metric] = {}
    for entry in registry("metric"):
        try:
            found[entry.name] = make_component("metric", entry.name, {})
        except (RestorekitError, ValidationError) as error:
            print(f"metric '{entry.name}' of {entry.owner} is left out: {error}", file=sys.stderr)
    return found
