"""A result as pictures: a metric against the size of the kernel."""

from __future__ import annotations

import math
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError
from restorekit.evaluation.report import Result, check_output
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLOTS = {"PSNR": ("psnr", "PSNR (dB)"), "SSIM": ("ssim_rgb", "SSIM (mean of R, G, B)")}
"""By file name, the metric and what its axis says."""


def check_plots(folder: Path, overwrite: bool) -> None:
    """See that plots can be drawn and written, before hours go into a result.

    Raises:
        RestorekitError: Matplotlib is not installed, or as `check_output` says.
    """
    if find_spec("matplotlib") is None:
        raise RestorekitError("plots need matplotlib", "pip install 'restorekit[plots]'")
    for file in [folder / f"{name}.png" for name in PLOTS] if folder.is_dir() else [folder]:
        check_output(file, overwrite and folder.is_dir())


def write_plots(folder: Path, result: Result) -> None:
    """Write ``PSNR.png`` and ``SSIM.png``: the input and each model, with standard errors, by kernel size.

    Raises:
        OSError: The folder cannot be written.
    """
    for name, (metric, label) in PLOTS.items():
        if metric in result["metrics"]:
            write_whole(folder / f"{name}.png", _plot(result, metric, label))


def _plot(result: Result, metric: str, label: str) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = {"input": [row[metric] for row in result["input"]["sizes"]]}
    for model in result["models"]:
        lines[model["name"]] = [row[metric]["output"] for row in model["sizes"]]
    sizes = [row["size"] for row in result["input"]["sizes"]]
    protocol = result["protocol"]
    kernels, noise = protocol["kernels"], protocol["noise_grey_levels"]

    figure = Figure(figsize=(7, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name, rows in lines.items():
        axes.errorbar(
            sizes,
            _numbers(rows, "mean"),
            _numbers(rows, "standard_error"),
            marker="o",
            capsize=3,
            color="grey" if name == "input" else None,
            linestyle="--" if name == "input" else "-",
            label=_plain(name),
        )
    title = (
        f"{result['data']}: {result['pictures']} pictures x {kernels['count']} {kernels['name']}, "
        f"noise {noise:g} of 255"
    )
    axes.set_title(_plain(title), fontsize="medium")
    axes.set_xlabel("kernel size (pixels)")
    axes.set_ylabel(f"{label}, mean ± s.e. over pictures")
    axes.set_xticks(sizes)
    axes.grid(alpha=0.3)
    axes.legend()
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
