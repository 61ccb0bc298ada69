"""What trained rows score, and by how much they differ, pair by pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.ablation.interval import INTERVAL, paired_interval
from restorekit.ablation.plan import Run
from restorekit.evaluation.pairs import Pairs
from restorekit.evaluation.protocol import MetricStep
from restorekit.evaluation.score import INPUT, Row, of_output_alone

if TYPE_CHECKING:
    from restorekit.contracts import Array

Result = dict[str, Any]


def output_name(run: Run) -> str:
    """What scores call the restorer that a run has trained."""
    return f"{run.row}/{run.seed}"


def everywhere(pairs: Pairs) -> dict[str, MetricStep]:
    """The metrics that every pair and every degraded picture has, so that rows can be set against each other."""
    return {
        name: measure
        for name, measure in pairs.metrics.items()
        if measure.every == 1 and not of_output_alone(measure.metric)
    }


def compare(scores: Sequence[Row], runs: Sequence[Run], against: Sequence[str]) -> Result:
    """Average each row's scores over pictures, kernels and seeds, and set it against other rows.

    Args:
        scores: Of every picture with every kernel, picture by picture; restorers as `output_name` calls them.
        runs: What was trained, rows in order.
        against: The rows that every row is set against.

    Returns:
        ``pictures`` and ``kernels``; ``input``, the mean of each metric; ``rows``, each with ``name``, ``steps``,
        ``images`` seen in training, and by metric the ``mean``, that of each of the ``seeds``, and by row it is set
        ``against`` the ``difference`` with the ends ``low`` and ``high`` of its interval.
    """
    names, rows = list(scores[0].values), list(dict.fromkeys(run.row for run in runs))
    seeds = {row: [run for run in runs if run.row == row] for row in rows}
    values = {
        (row, name): np.stack([_matrix(scores, name, output_name(run)) for run in seeds[row]])
        for row in rows
        for name in names
    }
    pictures, kernels = next(iter(values.values())).shape[1:]
    return {
        "pictures": pictures,
        "kernels": kernels,
        "interval": INTERVAL,
        "input": {name: float(_matrix(scores, name, INPUT).mean()) for name in names},
        "rows": [
            {
                "name": row,
                "steps": seeds[row][0].steps,
                "images": sum(stage.steps * stage.batch for stage in seeds[row][0].recipe.stages),
                "metrics": {
                    name: {
                        "mean": float(values[row, name].mean()),
                        "seeds": values[row, name].mean(axis=(1, 2)).tolist(),
                        "against": {
                            other: _difference(values[row, name], values[other, name])
                            for other in against
                            if other != row
                        },
                    }
                    for name in names
                },
            }
            for row in rows
        ],
    }


def _matrix(scores: Sequence[Row], metric: str, restorer: str) -> Array:
    """The scores of one restorer, or of the degraded pictures: pictures,kernels."""
    rows: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        if score.restorer == restorer:
            rows[score.image].append(score.values[metric])
    return np.array(list(rows.values()))


def _difference(of: Array, against: Array) -> dict[str, float]:
    differences = of.mean(axis=0) - against.mean(axis=0)
    low, high = paired_interval(differences)
    return {"difference": float(differences.mean()), "low": low, "high": high}
