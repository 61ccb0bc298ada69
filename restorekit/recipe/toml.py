"""A TOML file, which may be a stranger's, as a table."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from restorekit.errors import RecipeError, RestorekitError
from restorekit.reading import read_text
from restorekit.recipe.lines import nesting

LARGEST, DEEPEST = 2**16, 32
"""Bytes and levels of nesting that a TOML file may have; a recipe has a few thousand, and six. With more,
tomllib takes a time that grows as their square."""


def read_toml(file: Path, shown: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file, which may be a stranger's.

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
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise RecipeError([_syntax_problem(error, text, shown)]) from None


def _syntax_problem(error: tomllib.TOMLDecodeError, text: str, shown: str) -> str:
    what, _, place = str(error).partition(" (at ")
    lines = text.splitlines() or [""]
    found = re.match(r"line (\d+)", place)
    number = int(found.group(1)) if found else len(lines)
    hint = "; write Windows paths in 'single quotes'" if "\\" in lines[number - 1] else ""
    return f"{shown}:{number}: {what}{hint}"
