"""A result as tables for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from restorekit.evaluation.report import Result


def print_result(result: Result) -> None:
    """Print an evaluation on stdout: a table for each model, one of the means, then what the numbers are."""
    console = Console(highlight=False)
    kernels, pictures = result["protocol"]["kernels"], result["pictures"]
    under = f"on {result['data']}: {pictures} pictures x {kernels['count']} {kernels['name']}"
    for model in result["models"] or [{"name": "input"} | result["input"]]:
        console.print(_by_kernel(f"{model['name']} {under}", model, result))
    console.print(_overall(f"overall {under}", result))
    for line in _notes(result):
        console.print(line, markup=False, soft_wrap=True)


def _by_kernel(title: str, model: Result, result: Result) -> Table:
    gain = ", gain" if result["models"] else ""
    table = _table(title, "kernel", *(f"{name} ± s.e.{gain}" for name in result["metrics"]))
    for key, of in (("size", result["input"]["sizes"]), ("law", result["input"].get("laws", []))):
        for row, before in zip(model.get(f"{key}s", []), of, strict=True):
            cells = (_cell(row[name], _digits(before[name])) for name in result["metrics"])
            table.add_row(Text(str(row[key])), *cells)
        table.add_section()
    return table


def _cell(summary: Mapping[str, Any], digits: int) -> str:
    if "gain" not in summary:
        return _number(summary, digits)
    gain = _number(summary["gain"], digits, "+").split("±")[0]
    return f"{_number(summary['output'], digits)} {gain}"


def _overall(title: str, result: Result) -> Table:
    gain = ["gain ± s.e."] if result["models"] else []
    table = _table(title, "metric", "of", "mean ± s.e.", "lowest", *gain)
    for name in result["metrics"]:
        before = result["input"]["overall"][name]
        digits = _digits(before)
        table.add_row(name, "input", _number(before, digits), _lowest(before, digits))
        for model in result["models"]:
            after, gained = (model["overall"][name][key] for key in ("output", "gain"))
            cells = _number(after, digits), _lowest(after, digits), _number(gained, digits, "+")
            table.add_row("", Text(model["name"]), *cells)
        table.add_section()
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title), title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in ("metric", "of") else "right")
    return table


def _digits(statistics: Mapping[str, Any]) -> int:
    """Two decimals for decibels, four for what lies within 1."""
    return 4 if abs(statistics["mean"] or math.inf) <= 1 else 2


def _number(statistics: Mapping[str, Any], digits: int, sign: str = "") -> str:
    if statistics["mean"] is None:
        return "not finite"
    text = f"{statistics['mean']:{sign}.{digits}f}"
    error = statistics["standard_error"]
    return text if error is None else f"{text}±{error:.{digits}f}"


def _lowest(statistics: Mapping[str, Any], digits: int) -> str:
    return "not finite" if statistics["lowest"] is None else f"{statistics['lowest']:.{digits}f}"


def _notes(result: Result) -> list[str]:
    lines = [f"{name}: {definition}" for name, definition in result["metrics"].items()]
    lines.append(f"s.e.: {result['standard_error']}")
    for model in result["models"]:
        shift, reblur = model["colour_shift"], model["reblur"]
        mean, median = ("/".join(f"{v:.2f}" for v in shift[key]) for key in ("mean", "median_absolute"))
        lines.append(f"{model['name']}: colour shift {mean}, median absolute {median}")
        if reblur["pairs"]:
            lines.append(f"{model['name']}: reblur {_number(reblur, 2)} over {reblur['pairs']} pairs")
    if result["models"]:
        lines.append(f"colour shift: {result['colour_shift']}")
        lines.append(f"reblur: {result['reblur']}")
    return lines
