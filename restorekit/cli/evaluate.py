"""``restorekit evaluate``: score models on a degraded test set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from restorekit.cli import app
from restorekit.cli.progress import track
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Restorer
    from restorekit.evaluation.pairs import Pairs


@app.command()
def evaluate(
    data: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Folder of sharp pictures, CelebA's root, or what 'protocol make' wrote."
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BUNDLE|input",
            help="A model, as deblur takes it; 'input' scores the blurred pictures alone. Several may be given.",
        ),
    ] = None,
    listing: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Keep the pictures named in FILE, one a line."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Keep so many, the first by name.")] = None,
    crop: Annotated[
        Literal["celeba", "center"] | None,
        typer.Option(help="CelebA's 128 x 128 face, or the centred square.", show_default="celeba"),
    ] = None,
    kernels: Annotated[
        str | None, typer.Option(metavar="NAME|FILE.npz", help="Blur kernels.", show_default="faces80")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(min=0, help="Noise sigma, in grey levels of 255.", show_default="1")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures restored at once.")] = 32,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    json: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write the whole result to this file.")
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Also draw PSNR.png and SSIM.png, by kernel size, into this folder."
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png",
            help="Also write a few pairs side by side, large ones reduced: degraded, restored, sharp.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
) -> None:
    """Blur sharp pictures with fixed kernels, restore them, and score the result against the sharp ones.

    The degraded pictures are the same on every run and machine. Prints tables; --json keeps all of it.
    """
    from restorekit import __version__
    from restorekit.evaluation.examples import example_sheet
    from restorekit.evaluation.plots import check_plots, write_plots
    from restorekit.evaluation.registered import registered_metrics
    from restorekit.evaluation.report import check_output, summarise, write_json
    from restorekit.evaluation.run import score_pairs
    from restorekit.evaluation.table import print_result
    from restorekit.images import write_rgb

    if json:
        check_output(json, overwrite)
    if plots:
        check_plots(plots, overwrite)
    if sheet:
        if sheet.suffix.lower() != ".png":
            raise RestorekitError(f"{sheet}: not a .png file", "end the name after --sheet in .png")
        check_output(sheet, overwrite)
    pairs = _pairs(data, limit, {"--list": listing, "--crop": crop, "--kernels": kernels, "--noise": noise})
    models = _models(model or [None], device)
    metrics = registered_metrics()
    each = track(pairs, ", ".join(models) or "input", len(pairs))
    scores = list(score_pairs(each, models, metrics, batch))
    result = {"restorekit": __version__} | pairs.about | summarise(scores, metrics)
    print_result(result)
    if json:
        write_json(json, result)
    if plots:
        write_plots(plots, result)
    if sheet:
        write_rgb(sheet, example_sheet(pairs, scores, models))


def _pairs(data: Path, limit: int | None, options: dict[str, Any]) -> Pairs:
    """The pairs of a stored set, or those that the options describe; None is an option that was not given."""
    from restorekit.evaluation.kernels import load_kernels
    from restorekit.evaluation.manifest import MANIFEST, is_stored_set
    from restorekit.evaluation.pairs import MadePairs, StoredPairs
    from restorekit.evaluation.protocol import Protocol

    given = {name: value for name, value in options.items() if value is not None}
    if is_stored_set(data):
        if given:
            raise RestorekitError(f"{data}: has its own {MANIFEST}", f"leave out {', '.join(given)}")
        return StoredPairs(data, limit)
    kernels = load_kernels(given.get("--kernels", "faces80"))
    protocol = Protocol(kernels, given.get("--crop", "celeba"), given.get("--noise", 1.0))
    return MadePairs(protocol, data, given.get("--list"), limit)


def _models(wanted: Sequence[str | None], device: str) -> dict[str, Restorer]:
    """Load the models, by name; where two have one name, all go by what was typed."""
    for model in wanted:
        if wanted.count(model) > 1:
            raise RestorekitError(f"model '{model}' is given twice", "give each --model once")
    typed = [model for model in wanted if model != "input"]
    if not typed:
        return {}
    from restorekit.restore.load import load_restorer

    restorers = [load_restorer(model, device) for model in typed]
    names = [restorer.name or str(model) for restorer, model in zip(restorers, typed, strict=True)]
    if len({*names, "input"}) <= len(names):
        names = [str(model) for model in typed]
    return dict(zip(names, restorers, strict=True))
