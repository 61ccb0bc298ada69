"""``restorekit evaluate``: score models on a degraded test set, or make a report of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import models
from restorekit.cli.progress import track
from restorekit.errors import RestorekitError


@app.command()
def evaluate(
    test: Annotated[
        str | None,
        typer.Argument(
            metavar="TEST|FOLDER",
            help="A test set: a TOML file, or the name of a shipped one. Or a folder of recipes: recipes/paper.",
            show_default="faces80",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Where the report of a folder goes, or goes on."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the pictures, or a folder that 'protocol make' wrote."),
    ] = None,
    own: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--pairs",
            metavar="BLURRED SHARP",
            help="Instead of TEST: two folders of your own with pairs of pictures, or one folder twice.",
        ),
    ] = None,
    names: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--pair-names",
            metavar="BLURRED SHARP",
            help="With --pairs: what both are called, such as '{name}_blur.png' '{name}.png'.",
            show_default="the same but for the ending",
        ),
    ] = None,
    border: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="PX", help="With --pairs: cut so many pixels off on each side.", show_default="0"
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="rgb|y",
            help="With --pairs: score the colours, or the luma (BT.601) alone.",
            show_default="rgb",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BUNDLE|input",
            autocompletion=models,
            help="A model, as deblur takes it; 'input' scores the degraded pictures alone. Several may be given.",
        ),
    ] = None,
    overrides: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a key of the test set; in a folder, NAME.KEY=VALUE one of NAME.toml. Repeatable.",
        ),
    ] = [],  # noqa: B006
    listing: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Use only the pictures named in FILE, one per line."),
    ] = None,
    share: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Use this share of the pairs, such as 0.1: drawn once, the same for all models.",
        ),
    ] = 1.0,
    limit: Annotated[int | None, typer.Option(min=1, help="Use only the first N pictures, by name.")] = None,
    crop: Annotated[
        str | None,
        typer.Option(
            help="The square of a picture that is scored: the name of a crop.", show_default="the test's"
        ),
    ] = None,
    kernels: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.npz",
            help="Blur kernels to use instead of the test's.",
            show_default="the test's",
        ),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(min=0, help="Noise sigma, in grey levels of 255.", show_default="the test's"),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures restored at once.")] = 32,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    json: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write the whole result to this file.")
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also draw each metric, by kernel size, into this folder."),
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
    """Degrade sharp pictures as a test set says, restore them, and score the result against the sharp ones.

    The degraded pictures are the same on every run. With --pairs they are your own. Prints tables; --json keeps all of
    it.
    """
    from restorekit import __version__
    from restorekit.cli.own_pairs import protocol_of, refuse
    from restorekit.cli.protocol import changes
    from restorekit.cli.report import refuse_with_report, write_report
    from restorekit.evaluation.call import open_pairs
    from restorekit.evaluation.examples import example_sheet
    from restorekit.evaluation.plots import check_plots, write_plots
    from restorekit.evaluation.report import check_output, summarise, write_json
    from restorekit.evaluation.restorers import load_restorers
    from restorekit.evaluation.score import score_pairs
    from restorekit.evaluation.share import SharedPairs
    from restorekit.evaluation.table import print_result
    from restorekit.images import write_rgb
    from restorekit.reports.plan import is_report

    if test is not None and is_report(test):
        made = {
            "--pairs": own,
            "--data": data,
            "--list": listing,
            "--limit": limit,
            "--crop": crop,
            "--kernels": kernels,
        }
        written = {
            "--noise": noise,
            "--json": json,
            "--plots": plots,
            "--sheet": sheet,
            "--overwrite": overwrite,
        }
        refuse_with_report({**made, **written})
        if out is None:
            raise RestorekitError(f"{test}: makes a report", "say where its report goes: -o DIR")
        write_report(
            Path(test),
            out,
            overrides=overrides,
            models=model or (),
            share=share,
            batch=batch,
            device=device,
        )
        return
    if out:
        raise RestorekitError("-o is for the report of a folder", "give --json, --plots or --sheet")
    if json:
        check_output(json, overwrite)
    if sheet:
        if sheet.suffix.lower() != ".png":
            raise RestorekitError(f"{sheet}: not a .png file", "end the name of the sheet in .png")
        check_output(sheet, overwrite)
    changed = [*overrides, *changes(listing, crop, kernels, noise)]
    if own is None:
        refuse(
            {"--pair-names": names, "--border": border, "--channels": channels},
            "is for --pairs BLURRED SHARP alone",
        )
        pairs = open_pairs(test, data, changed, limit)
    else:
        others = {"TEST": test, "--data": data, "what changes a test set": changed}
        pairs = open_pairs(protocol_of(own, names, border, channels, others), limit=limit)
    if share < 1:
        pairs = SharedPairs(pairs, share)
    if plots:
        check_plots(plots, pairs, overwrite)
    models = load_restorers(model or pairs.restorers, device)
    each = track(pairs, ", ".join(models) or "input", len(pairs))
    rows = list(score_pairs(each, models, pairs.metrics, batch))
    result = {"restorekit": __version__} | pairs.about | summarise(rows, pairs.metrics)
    print_result(result)
    if json:
        write_json(json, result)
    if plots:
        write_plots(plots, result)
    if sheet:
        write_rgb(sheet, example_sheet(pairs, rows, models))
