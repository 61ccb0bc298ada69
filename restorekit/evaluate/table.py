"""A result as a table for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from restorekit.evaluate.report import Result


def print_result(result: Result) -> None:
    """Print the result of an evaluation on stdout: a row for each kernel size, then what the numbers are."""
    kernels, pictures = result["protocol"]["kernels"], result["pictures"]
    title = (
        f"{result['model']} on {result['data']}: {pictures} pictures x {kernels['count']} {kernels['name']}"
    )
    table = Table(title=Text(title), title_justify="left")
    table.add_column("kernel", justify="right")
    for name in result["metrics"]:
        table.add_column(f"{name} ± s.e.{', gain' if 'reblur' in result else ''}", justify="right")
    for row in [*result["sizes"], {"size": "all"} | result["overall"]]:
        table.add_row(str(row["size"]), *(_cell(row[name]) for name in result["metrics"]))
    console = Console(highlight=False)
    console.print(table)
    for line in _notes(result):
        console.print(line, markup=False, soft_wrap=True)


def _cell(summary: Mapping[str, Any]) -> str:
    digits = _digits(summary)
    text = _number(summary.get("output", summary["input"]), digits)
    return f"{text} {_number(summary['gain'], digits, '+').split('±')[0]}" if "gain" in summary else text


def _digits(summary: Mapping[str, Any]) -> int:
    """Two decimals for decibels, four for what lies within 1."""
    return 4 if abs(summary["input"]["mean"] or math.inf) <= 1 else 2


def _number(statistics: Mapping[str, Any], digits: int, sign: str = "") -> str:
    if statistics["mean"] is None:
        return "not finite"
    text = f"{statistics['mean']:{sign}.{digits}f}"
    error = statistics["standard_error"]
    return text if error is None else f"{text}±{error:.{digits}f}"


def _notes(result: Result) -> list[str]:
    lines = [f"{name}: {definition}" for name, definition in result["metrics"].items()]
    lines.append(f"s.e.: {result['standard_error']}")
    if "reblur" in result:
        overall, shift, reblur = result["overall"], result["colour_shift"], result["reblur"]
        for name in result["metrics"]:
            before, gain = (
                _number(overall[name][key], _digits(overall[name]), sign)
                for key, sign in (("input", ""), ("gain", "+"))
            )
            lines.append(f"{name} of the input {before}, overall gain {gain}")
        mean, median = ("/".join(f"{v:.2f}" for v in shift[key]) for key in ("mean", "median_absolute"))
        lines.append(f"colour shift: mean {mean}, median absolute {median} ({shift['definition']})")
        lines.append(f"reblur: {_number(reblur, 2)} over {reblur['pairs']} pairs ({reblur['definition']})")
    return lines
