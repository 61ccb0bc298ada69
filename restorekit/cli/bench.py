"""restorekit bench."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import recipes
from restorekit.errors import RestorekitError
from restorekit.extras import need

if TYPE_CHECKING:
    from restorekit.bench.train import TrainingSpeed
    from restorekit.recipe import Recipe

bench = typer.Typer(no_args_is_help=True, help="Measure how fast it is here.")
app.add_typer(bench, name="bench")

SAMPLES = ("data.train={type='samples'}", "data.crop='random'", "validation.source={type='samples'}")


@bench.command()
def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            autocompletion=recipes,
            help="A recipe: a TOML file, or the name of a shipped one.",
        ),
    ],
    steps: Annotated[int, typer.Option(min=5, help="Steps of each measurement.")] = 50,
    stage: Annotated[int, typer.Option(min=1, help="The stage of the recipe, from 1.")] = 1,
    overrides: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a key first. Repeatable.")
    ] = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with more figures.")] = False,
) -> None:
    """Measure training: images/s, waiting for data, TFLOP/s and memory, beside a plain fp32 loop.

    A recipe that does not say where its images are is measured on scikit-image's photographs. The two loops take
    turns on the same batches, so that other work on the machine slows both.
    """
    need("train", "restorekit bench")
    loaded = _load(recipe, overrides)
    stages = loaded.stages
    if stage > len(stages):
        raise RestorekitError(
            f"{recipe} has {len(stages)} stages, no stage {stage}", f"give 1 to {len(stages)}"
        )
    from restorekit.bench.train import bench_training
    from restorekit.device import resolve_device
    from restorekit.training.failures import explained

    with explained(loaded):
        found = bench_training(loaded, resolve_device(device), steps=steps, stage=stage - 1)
    print(json.dumps(asdict(found), indent=2) if as_json else "\n".join(_lines(found)))


def _load(recipe: str, overrides: list[str]) -> Recipe:
    """Load a recipe; one that is good but for its images gets other ones."""
    from restorekit.recipe import load_recipe

    try:
        return load_recipe(recipe, overrides)
    except RestorekitError as error:
        try:
            loaded = load_recipe(recipe, [*overrides, *SAMPLES])
        except RestorekitError:
            raise error from None
    print(
        "the recipe does not say where its images are: measured on photographs of scikit-image",
        file=sys.stderr,
    )
    return loaded


def _lines(found: TrainingSpeed) -> list[str]:
    precision = found.precision
    threads = f", {found.threads} threads" if found.device == "cpu" else ""
    rows = [
        ("", f"training ({precision})", "plain loop (fp32)"),
        ("images/s", f"{found.images_per_s_held:.1f}", f"{found.images_per_s_plain:.1f}"),
        ("TFLOP/s", f"{found.tflops:.3g}", f"{found.tflops_plain:.3g}"),
        (
            "of the matrix product's",
            f"{found.matmul_share:.0%} of {found.matmul_tflops:.3g}",
            f"{found.tflops_plain / found.matmul_tflops_fp32:.0%} of {found.matmul_tflops_fp32:.3g}",
        ),
        ("peak memory", _gigabytes(found.peak_bytes), _gigabytes(found.peak_bytes_plain)),
    ]
    return [
        f"{found.device}{threads}, batches of {found.batch}, {found.tflop_per_step:.3g} TFLOP a step",
        f"with its data   {found.images_per_s:.1f} images/s, {found.data_wait:.0%} of the time waiting for data",
        "on batches that lie ready, in turn:",
        *(f"  {name:<24}{ours:<22}{theirs}" for name, ours, theirs in rows),
        f"{found.speedup:.2f} times as fast as the plain loop; "
        f"their losses differ by {found.loss_difference:.2%} at most",
    ]


def _gigabytes(count: int | None) -> str:
    return "not known" if count is None else f"{count / 1e9:.2f} GB"
