"""The table of an ablation, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

DIGITS = {"psnr": 3}
"""Decimals of a metric; four where it is not named."""


def markdown(result: Mapping[str, Any]) -> str:
    """Write a whole result: the budget, a table for each test set, and what the numbers are."""
    blocks = [f"Budget: {result['budget']}."]
    for each in result["sets"]:
        blocks.append(f"{each['data']}: {each['pictures']} pictures x {each['kernels']} kernels")
        blocks.append("\n".join(_table(each)))
    blocks.append(f"In brackets: {result['sets'][0]['interval']}.")
    blocks += [f"{name}: {definition}." for name, definition in result["metrics"].items()]
    return "\n\n".join(blocks) + "\n"


def _table(each: Mapping[str, Any]) -> Iterator[str]:
    names = list(each["input"])
    first = names[0]
    against = list(dict.fromkeys(a for row in each["rows"] for a in row["metrics"][first]["against"]))
    columns = [*names, f"{first} by seed", *(f"{first} against {other}" for other in against)]
    yield _line(["", "steps", "images", *columns])
    yield _line(["---", *["---:"] * (2 + len(columns))])
    blank = [""] * (1 + len(against))
    yield _line(["degraded", "", "", *(_number(name, each["input"][name]) for name in names), *blank])
    for row in each["rows"]:
        means = [_number(name, row["metrics"][name]["mean"]) for name in names]
        seeds = ", ".join(_number(first, value) for value in row["metrics"][first]["seeds"])
        compared = [_interval(first, row["metrics"][first]["against"].get(other)) for other in against]
        yield _line([row["name"], f"{row['steps']:,}", f"{row['images']:,}", *means, seeds, *compared])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(metric: str, value: float, sign: str = "") -> str:
    return f"{value:{sign}.{DIGITS.get(metric, 4)}f}"


def _interval(metric: str, found: Mapping[str, float] | None) -> str:
    if found is None:
        return ""
    value, low, high = (_number(metric, found[key], "+") for key in ("difference", "low", "high"))
    return f"{value} [{low}, {high}]"
