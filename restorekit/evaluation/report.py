"""From scores to a result: means with standard errors, as JSON and as a table."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.errors import RestorekitError
from restorekit.evaluation.protocol import MetricStep
from restorekit.evaluation.score import INPUT, Row, of_output_alone
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from restorekit.contracts import Metric

Result = dict[str, Any]

STANDARD_ERROR = (
    "standard deviation of the per-picture means over the square root of the number of pictures; pictures "
    "and kernels are crossed, so it says how other pictures would differ, under these kernels"
)


def summarise(rows: Sequence[Row], metrics: Mapping[str, MetricStep]) -> Result:
    """Average rows over all pairs, and over those of each group.

    Args:
        rows: At least one pair's; all of the same restorers.
        metrics: What was measured, by name.

    Returns:
        Counts and definitions; ``input``, and in ``models`` one for each restorer, with its ``name``. Each has
        ``overall`` and, in ``by``, for everything that scores are grouped by (``size``, ``law``) a list. There, by
        metric, stand ``mean``, ``standard_error`` and ``worst``, null where not finite or not measured, and ``pairs``
        where not all were measured; a model's under ``output`` and, where the input has them too, ``gain`` (output
        minus input).
    """
    by_restorer: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_restorer[row.restorer].append(row)
    before = by_restorer.pop(INPUT)
    return {
        "pictures": len({row.image for row in before}),
        "pairs": len(before),
        "metrics": {name: _metric(measure.metric) for name, measure in metrics.items()},
        "standard_error": STANDARD_ERROR,
        "input": _breakdown(range(len(before)), before, partial(_input, before, metrics)),
        "models": [
            {"name": name, **_breakdown(range(len(after)), before, partial(_output, before, after, metrics))}
            for name, after in by_restorer.items()
        ],
    }


def _metric(metric: Metric) -> Result:
    return {
        "definition": metric.definition,
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
    }


def _breakdown(
    numbers: Sequence[int], rows: Sequence[Row], summary: Callable[[Sequence[int]], Result]
) -> Result:
    """Summarise all rows, then those of each value of everything that tells some of them apart."""
    by: Result = {}
    for key in rows[0].groups:
        values = [row.groups.get(key) for row in rows]
        kinds = list(dict.fromkeys(values))
        if all(isinstance(value, int) for value in kinds):
            kinds.sort()
        elif len(kinds) < 2:
            continue
        by[key] = [{key: kind} | summary([n for n in numbers if values[n] == kind]) for kind in kinds]
    return {"overall": summary(numbers), "by": by}


def _input(before: Sequence[Row], metrics: Mapping[str, MetricStep], numbers: Sequence[int]) -> Result:
    summary: Result = {"pairs": len(numbers)}
    for name, measure in metrics.items():
        if not of_output_alone(measure.metric):
            summary[name] = _statistics([(before[n], before[n].values.get(name)) for n in numbers], measure)
    return summary


def _output(
    before: Sequence[Row], after: Sequence[Row], metrics: Mapping[str, MetricStep], numbers: Sequence[int]
) -> Result:
    summary: Result = {"pairs": len(numbers)}
    for name, measure in metrics.items():
        values = [(after[n], after[n].values.get(name)) for n in numbers]
        summary[name] = {"output": _statistics(values, measure)}
        if not of_output_alone(measure.metric):
            gains = [
                (row, None if value is None else value - before[n].values[name])
                for (row, value), n in zip(values, numbers, strict=True)
            ]
            summary[name]["gain"] = _statistics(gains, measure)
    return summary


def _statistics(found: Sequence[tuple[Row, float | None]], measure: MetricStep) -> Result:
    """Return mean, standard error over pictures, and the worst, of what was measured; None if not a finite number."""
    measured = [(row.image, value) for row, value in found if value is not None and not math.isnan(value)]
    few = {"pairs": len(measured)} if len(measured) < len(found) else {}
    if not measured:
        return few | dict.fromkeys(("mean", "standard_error", "worst"))
    per_image = defaultdict(list)
    for image, value in measured:
        per_image[image].append(value)
    means = np.array([np.mean(group) for group in per_image.values()])
    values = [value for _, value in measured]
    with np.errstate(invalid="ignore"):
        numbers = {
            "mean": np.mean(values),
            "standard_error": means.std(ddof=1) / math.sqrt(len(means)) if len(means) > 1 else math.nan,
            "worst": np.min(values) if measure.metric.higher_is_better else np.max(values),
        }
    return few | {key: float(value) if np.isfinite(value) else None for key, value in numbers.items()}


def check_output(path: Path, overwrite: bool) -> None:
    """See that a result can be written, before hours go into it.

    Raises:
        RestorekitError: The file exists and may not be replaced, or there is no folder to write it in.
    """
    if path.exists() and not overwrite:
        raise RestorekitError(f"{path}: already exists", "choose another name, or replace it")
    if path.is_dir():
        raise RestorekitError(f"{path}: is a folder", "give the name of a file")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise RestorekitError(f"{path.parent}: no folder that can be written", "give another name")


def write_json(path: Path, result: Result) -> None:
    """Write a result whole or not at all, replacing a file of that name.

    Raises:
        RestorekitError: The folder is missing or cannot be written.
    """
    text = json.dumps(result, indent=2, allow_nan=False) + "\n"
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise RestorekitError(f"{path}: cannot be written ({error.strerror})", "check its folder") from None
