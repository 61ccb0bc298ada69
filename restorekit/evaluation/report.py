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
from restorekit.evaluation.consistency import COLOUR_SHIFT, REBLUR
from restorekit.evaluation.run import Score
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from restorekit.contracts import Metric

Result = dict[str, Any]

STANDARD_ERROR = (
    "standard deviation of the per-picture means over the square root of the number of pictures; pictures "
    "and kernels are crossed, so it says how other pictures would differ, under these kernels"
)


def summarise(scores: Sequence[Score], metrics: Mapping[str, Metric]) -> Result:
    """Average scores over all pairs, and over those of each kernel size and, where there are several, each law.

    Args:
        scores: At least one; all of the same restorers.
        metrics: The metrics that were computed, by name.

    Returns:
        Counts and definitions; ``input``, and in ``models`` one for each restorer, with its ``name``. Each has
        ``overall`` and the lists ``sizes`` and ``laws``, where by metric stand ``mean``, ``standard_error`` and
        ``lowest``, null where not finite or not measured; a model's under ``output`` and ``gain`` (output minus
        input), beside which it has ``colour_shift`` and ``reblur``.
    """
    result: Result = {
        "pictures": len({score.image for score in scores}),
        "pairs": len(scores),
        "metrics": {name: metric.definition for name, metric in metrics.items()},
        "standard_error": STANDARD_ERROR,
        "input": _breakdown(scores, partial(_input, metrics=metrics)),
        "models": [_model(name, scores, metrics) for name in scores[0].outputs],
    }
    return result | ({"colour_shift": COLOUR_SHIFT, "reblur": REBLUR} if result["models"] else {})


def _breakdown(scores: Sequence[Score], summary: Callable[[Sequence[Score]], Result]) -> Result:
    sizes, laws = sorted({score.size for score in scores}), list(dict.fromkeys(score.law for score in scores))
    result = {
        "overall": summary(scores),
        "sizes": [{"size": size} | summary([s for s in scores if s.size == size]) for size in sizes],
    }
    if len(laws) > 1:
        result["laws"] = [{"law": law} | summary([s for s in scores if s.law == law]) for law in laws]
    return result


def _input(scores: Sequence[Score], metrics: Mapping[str, Metric]) -> Result:
    images = [score.image for score in scores]
    values = {name: [score.input[name] for score in scores] for name in metrics}
    return {"pairs": len(scores)} | {name: _statistics(images, values[name]) for name in metrics}


def _output(scores: Sequence[Score], metrics: Mapping[str, Metric], model: str) -> Result:
    images = [score.image for score in scores]
    summary: Result = {"pairs": len(scores)}
    for name in metrics:
        after = [score.outputs[model].metrics[name] for score in scores]
        gain = [value - score.input[name] for value, score in zip(after, scores, strict=True)]
        summary[name] = {"output": _statistics(images, after), "gain": _statistics(images, gain)}
    return summary


def _model(name: str, scores: Sequence[Score], metrics: Mapping[str, Metric]) -> Result:
    outputs = [score.outputs[name] for score in scores]
    shifts = np.array([output.shift for output in outputs])
    measured = [
        (score.image, output.reblur)
        for score, output in zip(scores, outputs, strict=True)
        if output.reblur is not None
    ]
    return {
        "name": name,
        **_breakdown(scores, partial(_output, metrics=metrics, model=name)),
        "colour_shift": {
            "mean": shifts.mean(axis=0).tolist(),
            "median_absolute": np.median(np.abs(shifts), axis=0).tolist(),
        },
        "reblur": {"pairs": len(measured)}
        | _statistics([image for image, _ in measured], [value for _, value in measured]),
    }


def _statistics(images: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    """Return mean, standard error over images, and lowest; None where it is not a finite number, or of no values."""
    if not values:
        return dict.fromkeys(("mean", "standard_error", "lowest"))
    per_image = defaultdict(list)
    for image, value in zip(images, values, strict=True):
        per_image[image].append(value)
    means = np.array([np.mean(group) for group in per_image.values()])
    with np.errstate(invalid="ignore"):
        error = means.std(ddof=1) / math.sqrt(len(means)) if len(means) > 1 else math.nan
        numbers = {"mean": np.mean(values), "standard_error": error, "lowest": np.min(values)}
    return {key: float(value) if np.isfinite(value) else None for key, value in numbers.items()}


def check_output(path: Path, overwrite: bool) -> None:
    """See that a result can be written, before hours go into it.

    Raises:
        RestorekitError: The file exists and may not be replaced, or there is no folder to write it in.
    """
    if path.exists() and not overwrite:
        raise RestorekitError(f"{path}: already exists", "give --overwrite, or another name")
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
