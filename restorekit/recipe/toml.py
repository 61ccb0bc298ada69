"""A TOML file, which may come from anyone, as a table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from restorekit.errors import RecipeError, RestorekitError
from restorekit.reading import read_text
from restorekit.recipe.lines import Location, key_lines, line_of, nesting
from restorekit.recipe.problems import dotted

LARGEST, DEEPEST = 2**16, 32
"""Bytes and levels of nesting that a TOML file may have; a recipe has a few thousand, and six. With more,
tomllib takes a time that grows as their square."""

HUGE = "an integer past 64 bits"
_MANY_DIGITS = re.compile(r"\d[\d_]{4000}")


def read_toml(file: Path, shown: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file, which may come from anyone.

    Args:
        file: The file.
        shown: What errors call it.

    Returns:
        Its table, and its text.

    Raises:
        RestorekitError: It cannot be read, is not TOML, or is larger or deeper than any recipe.
    """
    try:
        text = read_text(file, LARGEST)
    except (OSError, ValueError) as error:
        raise RestorekitError(f"cannot read {file}: {error}", "give a TOML file in UTF-8") from None
    if nesting(text) > DEEPEST:
        raise RestorekitError(
            f"cannot read {file}: nested more than {DEEPEST} deep", "take tables out of their tables"
        )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError([_syntax_problem(error, text, shown)]) from None
    except ValueError:  # Python reads no more digits
        digits = _MANY_DIGITS.search(text)
        number = text.count("\n", 0, digits.start() if digits else 0) + 1
        raise RecipeError([f"{shown}:{number}: {HUGE}"]) from None
    if found := list(huge_integers(table)):
        lines = key_lines(text)
        raise RecipeError([f"{shown}:{line_of(at, lines)}: {dotted(at)}: {HUGE}" for at in found])
    return table, text


def huge_integers(tree: Any, at: Location = ()) -> Iterator[Location]:
    """Yield where integers stand that TOML does not have; Python would not write them as text, either."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from huge_integers(value, (*at, key))
    elif isinstance(tree, int) and not -(2**63) <= tree < 2**63:
        yield at


def _syntax_problem(error: tomllib.TOMLDecodeError, text: str, shown: str) -> str:
    what, _, place = str(error).partition(" (at ")
    lines = text.splitlines() or [""]
    found = re.match(r"line (\d+)", place)
    number = int(found.group(1)) if found else len(lines)
    hint = "; write Windows paths in 'single quotes'" if "\\" in lines[number - 1] else ""
    return f"{shown}:{number}: {what}{hint}"
