"""Where each key of a TOML text stands; tomllib keeps no positions."""

from __future__ import annotations

import re
import tomllib

Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]=]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _complete(value: str) -> bool:
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def key_lines(text: str) -> dict[Location, int]:
    """Map the path of every table and plain key of a valid TOML text to its line, counting from 1.

    Inline tables and what lies within them are not seen: ask :func:`line_of` for the nearest enclosing line.
    """
    lines: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    rows = iter(enumerate(text.splitlines(), start=1))
    for number, line in rows:
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            parts = _split(header.group(2))
            table = ()
            for depth, part in enumerate(parts):
                table += (part,)
                last = depth == len(parts) - 1
                if last and header.group(1) == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table += (counts[table],)
            lines.setdefault(table, number)
        elif key:
            lines.setdefault(table + tuple(_split(key.group(1))), number)
            value = line[key.end() :]
            while not _complete(value):  # an array or a string that goes on
                value += "\n" + next(rows)[1]
    return lines


def line_of(location: Location, lines: dict[Location, int]) -> int:
    """Return the line of ``location``, or of the nearest key or table around it; 1 if there is none."""
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return 1
