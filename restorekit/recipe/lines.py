"""Where each key of a TOML text stands, and how deep it is nested; tomllib keeps no positions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Location = tuple[str | int, ...]

# Strings and comments may hold anything. What nothing closes goes on to the end, and nothing is tried twice: the
# time is that of reading the text once, whatever is written there.
_TOKEN = re.compile(
    r'"{3}(?:[^"\\]|\\.|"(?!""))*+"{0,5}'
    r"|'{3}(?:[^']|'(?!''))*+'{0,5}"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+|[^\s\[\]{}=.,#\"']++|[\[\]{}=.,\n]",
    re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield each token, without comments, and its line, counting from 1."""
    number = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if not token.startswith("#"):
            yield token, number
        number += token.count("\n")


def nesting(text: str) -> int:
    """Return how deep a text nests, valid TOML or not: open brackets, and dots between the parts of a key."""
    opened = dots = deepest = 0
    for token, _ in _tokens(text):
        if token in "[{":
            opened += 1
        elif token in "]}":
            opened = max(0, opened - 1)
        dots = dots + 1 if token == "." else 0 if token in "[]{}=,\n" else dots
        deepest = max(deepest, opened + dots)
    return deepest


def key_lines(text: str) -> dict[Location, int]:
    """Map the path of every table and plain key of a valid TOML text to its line, counting from 1.

    Inline tables and what lies within them are not seen: ask :func:`line_of` for the nearest enclosing line.
    """
    lines: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    brackets = ""
    parts: list[str] = []  # of the header, or of the key
    opened: int | None = None  # brackets open within a value; None before it
    for token, number in _tokens(text):
        if opened is not None:
            opened += (token in "[{") - (token in "]}")
            if token == "\n" and opened == 0:
                brackets, parts, opened = "", [], None
        elif token == "\n":
            brackets, parts = "", []
        elif token == "[":
            brackets += token
        elif token == "=":
            lines.setdefault(table + tuple(parts), number)
            opened = 0
        elif token == "]" and parts:
            table = _table(parts, brackets, counts)
            lines.setdefault(table, number)
            parts = []
        elif token not in "].":
            parts.append(token.strip("\"'"))
    return lines


def _table(parts: list[str], brackets: str, counts: dict[Location, int]) -> Location:
    """The path of a header: each array of tables on the way is followed by the position in it."""
    table: Location = ()
    for depth, part in enumerate(parts):
        table += (part,)
        if depth == len(parts) - 1 and brackets == "[[":
            counts[table] = counts.get(table, -1) + 1
        if table in counts:
            table += (counts[table],)
    return table


def known_depth(location: Location, lines: Mapping[Location, int]) -> int:
    """Return how many parts of ``location`` lead to the nearest key or table around it that has a line; 0 if none."""
    return next((n for n in range(len(location), 0, -1) if location[:n] in lines), 0)


def line_of(location: Location, lines: Mapping[Location, int]) -> int:
    """Return the line of ``location``, or of the nearest key or table around it; 1 if there is none."""
    return lines.get(location[: known_depth(location, lines)], 1)
