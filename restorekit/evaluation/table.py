"""A result as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from restorekit.errors import one_line
from restorekit.evaluation.report import Result

WIDTH = 160
"""Columns of a table that is not for a terminal."""


def print_result(result: Result) -> None:
    """Print an evaluation on stdout: a table for each model, one of the means, then what the numbers are."""
    console = Console(highlight=False)
    if not console.is_terminal:  # a file has no edge
        console = Console(highlight=False, width=WIDTH)
    for model in result["models"] or [{"name": "input"} | result["input"]]:
        if model["by"]:
            console.print(_by_group(f"{model['name']} {under(result)}", model, result))
    console.print(_overall(f"overall {under(result)}", result))
    for line in _notes(result):
        console.print(one_line(line), markup=False, soft_wrap=True)


def under(result: Result) -> str:
    """Say of what a result is."""
    test = result["protocol"].get("name") or result["protocol"]["kernels"]["name"]
    if "share" in result:
        return f"on {result['data']}: {result['pairs']} of {result['of']:,} pairs of {test}"
    pictures = result["pictures"]
    return f"on {result['data']}: {pictures} pictures x {result['pairs'] // pictures} {test}"


def _by_group(title: str, model: Result, result: Result) -> Table:
    shown = [name for name in result["metrics"] if "pairs" not in measured_of(model["overall"].get(name, {}))]
    shown = [name for name in shown if name in model["overall"]]
    gain = ", gain" if result["models"] else ""
    headings = [f"{name} ± s.e.{gain if name in result['input']['overall'] else ''}" for name in shown]
    table = _table(title, ", ".join(model["by"]), *headings)
    for key, rows in model["by"].items():
        for row in rows:
            table.add_row(
                Text(one_line(row[key])), *(_cell(row[name], decimals(result, name)) for name in shown)
            )
        table.add_section()
    return table


def measured_of(summary: Result) -> Result:
    """What was measured: of a model its output, of the input itself."""
    after: Result = summary.get("output", summary)
    return after


def _cell(summary: Mapping[str, Any], digits: int) -> str:
    after = written(measured_of(dict(summary)), digits)
    return f"{after} {written(summary['gain'], digits, '+').split('±')[0]}" if "gain" in summary else after


def _overall(title: str, result: Result) -> Table:
    gain = ["gain ± s.e."] if result["models"] else []
    table = _table(title, "metric", "of", "mean ± s.e.", "worst", *gain)
    for name in result["metrics"]:
        for of, summary in _measured(name, result):
            after, digits = measured_of(summary), decimals(result, name)
            gained = [written(summary["gain"], digits, "+")] if "gain" in summary else []
            cells = written(after, digits), _plain(after["worst"], digits), *gained
            table.add_row(name if of == _measured(name, result)[0][0] else "", Text(one_line(of)), *cells)
        table.add_section()
    return table


def _measured(name: str, result: Result) -> list[tuple[str, Result]]:
    """Of whom a metric was taken, and what it was."""
    everyone = [{"name": "input"} | result["input"], *result["models"]]
    return [(each["name"], each["overall"][name]) for each in everyone if name in each["overall"]]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(one_line(title)), title_justify="left")
    for column in columns:
        table.add_column(Text(one_line(column)), justify="left" if column in ("metric", "of") else "right")
    return table


def decimals(result: Result, name: str) -> int:
    """Two decimals for what has a unit, four for what lies within 1."""
    return 2 if result["metrics"][name]["unit"] else 4


def written(statistics: Mapping[str, Any], digits: int, sign: str = "") -> str:
    """Write a mean with its standard error."""
    text = _plain(statistics["mean"], digits, sign)
    error = statistics["standard_error"]
    return text if error is None or statistics["mean"] is None else f"{text}±{error:.{digits}f}"


def _plain(value: float | None, digits: int, sign: str = "") -> str:
    return "not finite" if value is None else f"{value:{sign}.{digits}f}"


def _notes(result: Result) -> Iterator[str]:
    for name, metric in result["metrics"].items():
        better = "higher" if metric["higher_is_better"] else "lower"
        counts = sorted(
            {
                measured_of(each)["pairs"]
                for _, each in _measured(name, result)
                if "pairs" in measured_of(each)
            }
        )
        few = f"; on {', '.join(map(str, counts))} of the pairs" if counts else ""
        yield f"{name}: {metric['definition']}; {better} is better{few}"
    yield f"s.e.: {result['standard_error']}"
