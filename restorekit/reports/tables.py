"""Scores and times as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restorekit.evaluation.restorers import CLEAR
from restorekit.evaluation.score import INPUT
from restorekit.evaluation.table import decimals, measured_of, written
from restorekit.reports.contestants import Contestant
from restorekit.reports.scoring import Scored
from restorekit.reports.section import Grid
from restorekit.reports.timing import Timed

BLURRED, SHARP = "blurred", "clear"


def score_grid(
    test: str, scored: Scored, metrics: Sequence[str], contestants: Mapping[str, Contestant]
) -> Grid:
    """Make a table of means: the degraded pictures, and each restorer."""
    result = scored.result
    names = list(metrics) or list(result["metrics"])
    header = ["", *(f"{name} ({unit})" if (unit := _unit(result, name)) else name for name in names)]
    everyone = [{"name": INPUT} | result["input"], *result["models"]]
    rows = [
        [
            label(each["name"], contestants),
            *(_cell(each["overall"].get(name), result, name) for name in names),
        ]
        for each in everyone
    ]
    return Grid(f"{test}: mean ± standard error over pictures", header, rows)


def label(name: str, contestants: Mapping[str, Contestant]) -> str:
    """What a table calls a row."""
    if name in (INPUT, CLEAR):
        return BLURRED if name == INPUT else SHARP
    told = contestants[name].told if name in contestants else ""
    return f"{name} ({told})" if told else name


def _cell(summary: Mapping[str, Any] | None, result: Mapping[str, Any], name: str) -> str:
    if summary is None or (found := measured_of(dict(summary)))["mean"] is None:
        return "–"
    return written(found, decimals(dict(result), name)).replace("±", " ± ")


def _unit(result: Mapping[str, Any], name: str) -> str:
    return str(result["metrics"][name]["unit"])


def time_grid(times: Mapping[str, Timed], contestants: Mapping[str, Contestant], against: str) -> Grid:
    """Make a table of times, and of their ratios to the row ``against``."""
    base = times.get(against)
    ratios = [f"times {against}", "of CPU seconds"] if base else []
    rows = [
        [
            label(name, contestants),
            f"{each.mean:.3f}",
            f"{each.longest:.3f}",
            f"{each.cpu:.3f}",
            *([f"{each.mean / base.mean:.2f}", f"{each.cpu / max(base.cpu, 1e-9):.2f}"] if base else []),
        ]
        for name, each in times.items()
    ]
    return Grid("seconds a picture", ["", "mean", "longest", "CPU seconds", *ratios], rows)


def notes_on(scored: Scored, metrics: Sequence[str], contestants: Mapping[str, Contestant]) -> list[str]:
    """Say what the numbers are, and what is missing."""
    result = scored.result
    notes = []
    for name in metrics or result["metrics"]:
        better = "higher" if result["metrics"][name]["higher_is_better"] else "lower"
        notes.append(f"{name}: {result['metrics'][name]['definition']}; {better} is better")
    models = {each["name"] for each in result["models"]}
    left_out = [name for name in contestants if name not in models and name not in scored.failed]
    if left_out:
        notes.append(f"left out, since they need what these pictures do not have: {', '.join(left_out)}")
    notes += [
        f"{name} gave {count} of {result['pairs']} pictures back as they were"
        for name, count in scored.unchanged.items()
        if name != CLEAR
    ]
    return notes
