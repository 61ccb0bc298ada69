"""From scores to a result: means with standard errors, as JSON and as a table."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.errors import RestorekitError
from restorekit.evaluate.consistency import COLOUR_SHIFT, REBLUR
from restorekit.evaluate.run import Score
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from restorekit.contracts import Metric

Result = dict[str, Any]

STANDARD_ERROR = (
    "standard deviation of the per-picture means over the square root of the number of pictures; pictures "
    "and kernels are crossed, so it says how other pictures would differ, under these kernels"
)


def summarise(scores: Sequence[Score], metrics: Mapping[str, Metric]) -> Result:
    """Average scores over all pairs and for each kernel size.

    Args:
        scores: At least one, all with or all without an output.
        metrics: The metrics that were computed, by name.

    Returns:
        Counts and definitions; ``overall`` and, for each of ``sizes``, by metric the ``mean``,
        ``standard_error`` and ``lowest`` of ``input``, ``output`` and ``gain`` (output minus input), null
        where not finite; and with outputs also ``colour_shift`` and ``reblur``.
    """
    sizes = sorted({score.size for score in scores})
    result: Result = {
        "pictures": len({score.image for score in scores}),
        "pairs": len(scores),
        "metrics": {name: metric.definition for name, metric in metrics.items()},
        "standard_error": STANDARD_ERROR,
        "overall": _summary(scores, metrics),
        "sizes": [
            {"size": size} | _summary([s for s in scores if s.size == size], metrics) for size in sizes
        ],
    }
    shifts = np.array([score.shift for score in scores if score.shift])
    if len(shifts):
        result["colour_shift"] = {
            "definition": COLOUR_SHIFT,
            "mean": shifts.mean(axis=0).tolist(),
            "median_absolute": np.median(np.abs(shifts), axis=0).tolist(),
        }
        measured = [(score.image, score.reblur) for score in scores if score.reblur is not None]
        result["reblur"] = {"definition": REBLUR, "pairs": len(measured)}
        result["reblur"] |= _statistics([image for image, _ in measured], [value for _, value in measured])
    return result


def _summary(scores: Sequence[Score], metrics: Mapping[str, Metric]) -> Result:
    images = [score.image for score in scores]
    summary: Result = {"pairs": len(scores)}
    for name in metrics:
        before = [score.input[name] for score in scores]
        summary[name] = {"input": _statistics(images, before)}
        after = [score.output[name] for score in scores if score.output]
        if after:
            gain = [b - a for a, b in zip(before, after, strict=True)]
            summary[name] |= {"output": _statistics(images, after), "gain": _statistics(images, gain)}
    return summary


def _statistics(images: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    """Return mean, standard error over images, and lowest; None where it is not a finite number."""
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
        raise RestorekitError(f"{path}: already exists", "give --overwrite, or another name with --json")
    if not os.access(path.parent, os.W_OK):
        raise RestorekitError(
            f"{path.parent}: no folder that can be written", "give another name with --json"
        )


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
