"""restorekit train."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.complete import recipes
from restorekit.cli.output import answer, say
from restorekit.errors import RestorekitError


@app.command()
def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            autocompletion=recipes,
            help="A recipe: a TOML file, or the name of a shipped one.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The run directory; runs/NAME by default.")
    ] = None,
    overrides: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key, e.g. optim.lr=2e-4. Repeatable."),
    ] = [],  # noqa: B006
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the newest state of the run.")] = False,
    init: Annotated[Path | None, typer.Option(help="A bundle; training starts from its weights.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    track: Annotated[
        list[str],
        typer.Option(
            "--track", metavar="NAME", help="Log to tensorboard, trackio or wandb, too. Repeatable."
        ),
    ] = [],  # noqa: B006
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same bits each time, also on a GPU; slower.")
    ] = False,
    no_graph: Annotated[
        bool,
        typer.Option(
            "--no-graph", help="Do not write the bundle's graph, by which it restores without torch."
        ),
    ] = False,
) -> None:
    """Train a network from a recipe."""
    from restorekit.training.processes import leave, one_voice

    with one_voice() as speaks:
        from restorekit.recipe import load_recipe

        loaded = load_recipe(recipe, [*overrides, f"train.track={track}"] if track else overrides)
        from restorekit.training.loop import train as run_training
        from restorekit.training.refusal import Refusal
        from restorekit.training.state import states

        run = out or Path("runs") / loaded.name
        try:
            bundle = run_training(
                loaded,
                run,
                device=device,
                resume=resume,
                init=init,
                overwrite=overwrite,
                deterministic=deterministic,
            )
        except Refusal as error:
            options = ", ".join("-o" if name == "run" else f"--{name}" for name in error.arguments)
            raise RestorekitError(error.message, f"{error.hint} ({options})") from error
        except KeyboardInterrupt:
            if speaks and states(run / "state"):
                going_on = ["restorekit", "train", run / "recipe.toml", "-o", run, "--resume"]
                say(f"go on with: {shlex.join(map(str, going_on))}")
            raise
        leave()
    if speaks:
        if not no_graph:
            _add_graphs(run)
        answer(bundle)


def _add_graphs(run: Path) -> None:
    """Give the bundles of a run their graphs, where that works."""
    from restorekit.export import add_graph

    for bundle in (run / "bundle", run / "best"):
        if bundle.is_dir():
            try:
                add_graph(bundle)
            except RestorekitError as error:
                say(f"note: {bundle} needs torch to restore, as it gets no graph: {error}")
