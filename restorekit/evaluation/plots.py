"""A result as pictures: each metric against what pictures were degraded by, such as the size of the kernel."""

from __future__ import annotations

import math
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError
from restorekit.evaluation.pairs import Pairs
from restorekit.evaluation.report import Result, check_output
from restorekit.evaluation.table import under
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = {"psnr": "PSNR", "ssim_rgb": "SSIM"}
"""What the plots of two metrics are called; any other by the metric's name."""

MANY = 10
"""Lines that have a colour each; more of them come round with another marker, and the legend stands outside."""

MARKERS = "o^sD"


def check_plots(folder: Path, pairs: Pairs, overwrite: bool) -> None:
    """See that plots can be drawn and written, before hours go into a result.

    Raises:
        RestorekitError: Matplotlib is not installed, the pairs have no number to plot against, or as `check_output`
            says.
    """
    if find_spec("matplotlib") is None:
        raise RestorekitError("plots need matplotlib", "pip install 'restorekit[plots]'")
    if not any(isinstance(value, int) for value in pairs[0].groups.values()):
        raise RestorekitError("this test set has no number to plot against", "leave the plots out")
    files = [_file(folder, name) for name in pairs.metrics]
    for file in files if folder.is_dir() else [folder]:
        check_output(file, overwrite and folder.is_dir())


def write_plots(folder: Path, result: Result) -> None:
    """Write a plot for each metric: the input and each model, with standard errors, by the first number of the groups.

    Raises:
        OSError: The folder cannot be written.
    """
    for name in result["metrics"]:
        if any(name in each["overall"] for each in (result["input"], *result["models"])):
            write_whole(_file(folder, name), plot(result, name))


def _file(folder: Path, metric: str) -> Path:
    return folder / f"{FILES.get(metric, metric)}.png"


def plot(result: Result, metric: str) -> bytes:
    """Draw a metric against the first number of the groups, as a PNG file's bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    everyone = [{"name": "input"} | result["input"], *result["models"]]
    key = next(key for key, rows in result["input"]["by"].items() if isinstance(rows[0][key], int))
    numbers = [row[key] for row in result["input"]["by"][key]]

    many = len(everyone) > MANY
    figure = Figure(figsize=(10 if many else 7, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for n, each in enumerate(everyone):
        summaries = [row.get(metric) for row in each["by"][key]]
        if None in summaries:
            continue
        rows = [summary.get("output", summary) for summary in summaries]
        axes.errorbar(
            numbers,
            _numbers(rows, "mean"),
            _numbers(rows, "standard_error"),
            marker=MARKERS[(n - 1) // MANY % len(MARKERS)] if n else "o",
            capsize=3,
            color="black" if each["name"] == "input" else None,
            linestyle="--" if each["name"] == "input" else "-",
            label=_plain(each["name"]),
        )
    unit = result["metrics"][metric]["unit"]
    axes.set_title(_plain(under(result).removeprefix("on ")), fontsize="medium")
    axes.set_xlabel(_plain("kernel size (pixels)" if key == "size" else key))
    axes.set_ylabel(_plain(f"{metric}{f' ({unit})' if unit else ''}, mean ± s.e. over pictures"))
    axes.set_xticks(numbers)
    axes.grid(alpha=0.3)
    axes.legend(**{"loc": "center left", "bbox_to_anchor": (1, 0.5), "fontsize": "small"} if many else {})
    stream = BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def _plain(text: str) -> str:
    """Keep a name from being read as mathematics, or, by its first letter, as one to leave out of the legend.

    Names of folders may have bytes that are no text, which matplotlib does not bear.
    """
    text = text.encode(errors="backslashreplace").decode()
    return text.replace("$", r"\$").lstrip("_")


def _numbers(rows: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [math.nan if row[key] is None else row[key] for row in rows]
