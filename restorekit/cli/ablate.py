"""``restorekit ablate``: recipes trained alike, and a table of what they score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorekit.cli import app
from restorekit.cli.output import answer
from restorekit.cli.progress import track
from restorekit.errors import RestorekitError
from restorekit.extras import need

if TYPE_CHECKING:
    from restorekit.ablation.plan import Run
    from restorekit.evaluation.pairs import Pairs


@app.command()
def ablate(
    recipes: Annotated[
        Path, typer.Argument(metavar="RECIPES", help="A folder of recipes; recipes/ablation has the paper's.")
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where the runs, ablation.md and ablation.json go.")
    ],
    steps: Annotated[
        int,
        typer.Option(
            min=1, help="Steps of the longest recipe; all recipes are shortened by the same factor."
        ),
    ],
    data: Annotated[
        list[Path],
        typer.Option(
            help="A folder of sharp pictures of the size that faces80 takes, which are blurred as it says; or a folder"
            " that `restorekit protocol make` wrote. Several may be given."
        ),
    ],
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds each recipe is trained with.")] = 2,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A recipe to compare all others with; the first if none is given."),
    ] = None,
    overrides: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change a key of every recipe that has its table. Repeatable."
        ),
    ] = [],  # noqa: B006
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use only the first N pictures of each set.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
) -> None:
    """Train recipes alike, score them on the same degraded pictures, and write a table of the differences.

    Finished runs are not trained again, so call the command again to go on after an interruption.
    """
    need("train", "restorekit ablate")
    from restorekit.ablation.plan import plan
    from restorekit.ablation.table import markdown
    from restorekit.ablation.train import check_runs, train_runs
    from restorekit.evaluation.report import write_json
    from restorekit.whole import write_whole

    runs = plan(recipes, out, steps, seeds, overrides)
    against = against or [runs[0].row]
    rows = list(dict.fromkeys(run.row for run in runs))
    if unknown := [name for name in against if name not in rows]:
        raise RestorekitError(f"--against {unknown[0]}: no such recipe", f"one of: {', '.join(rows)}")
    sets = [_pairs(each, limit) for each in data]
    check_runs(runs)
    train_runs(runs, device)
    result = _result(runs, sets, against, device)
    write_json(out / "ablation.json", result)
    write_whole(out / "ablation.md", markdown(result).encode())
    for line in markdown(result).splitlines():
        answer(line)


def _pairs(data: Path, limit: int | None) -> Pairs:
    from restorekit.evaluation.call import open_pairs

    pairs = open_pairs(None, data, limit=limit)
    pairs[0]  # what is wrong with the pictures is said before anything is trained
    return pairs


def _result(runs: list[Run], sets: list[Pairs], against: list[str], device: str) -> dict[str, Any]:
    from restorekit import __version__
    from restorekit.ablation.compare import compare, everywhere, output_name
    from restorekit.evaluation.score import score_pairs
    from restorekit.restore.load import load_restorer

    metrics = {name: measure.metric for pairs in sets for name, measure in everywhere(pairs).items()}
    models = {output_name(run): load_restorer(run.folder / "bundle", device) for run in runs}
    longest = max(runs, key=lambda run: run.steps)
    stage = longest.recipe.stages[0]
    compared = []
    for pairs in sets:
        each = track(pairs, str(pairs.about["data"]), len(pairs))
        scores = list(score_pairs(each, models, everywhere(pairs)))
        compared.append({"data": pairs.about["data"]} | compare(scores, runs, against))
    return {
        "restorekit": __version__,
        "budget": f"{longest.steps:,} steps for {longest.row}, others in proportion; batches of {stage.batch} crops of "
        f"{stage.size} x {stage.size}; seeds {', '.join(str(seed) for seed in sorted({run.seed for run in runs}))}",
        "metrics": {name: metric.definition for name, metric in metrics.items()},
        "sets": compared,
    }
