"""``extends = "other.toml"``: a recipe that says only in what it differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError
from restorekit.recipe.lines import Location, key_lines, known_depth
from restorekit.recipe.toml import read_toml


@dataclass(frozen=True)
class Origin:
    """Where keys were written.

    Attributes:
        shown: What errors call the file.
        lines: The line of each key that counts.
    """

    shown: str
    lines: Mapping[Location, int]


def read_extended(file: Path, shown: str) -> tuple[dict[str, Any], list[Origin]]:
    """Read a recipe and, if it says ``extends``, put what it says over the recipe named, which stands beside it.

    Tables are joined key by key. A value, an array of tables, and a table that names its ``type`` take the place of
    what was there.

    Args:
        file: The recipe.
        shown: What errors call it.

    Returns:
        The whole table, and where its keys were written: the file itself first.

    Raises:
        RestorekitError: One of them cannot be read, the other does not stand beside it, or extends a third.
    """
    table, text = read_toml(file, shown)
    own = Origin(shown, key_lines(text))
    name = table.pop("extends", None)
    if name is None:
        return table, [own]
    # Elsewhere its relative paths would be others, and a recipe from elsewhere could name any file.
    if not isinstance(name, str) or not name.isprintable() or Path(name).name != name:
        raise RestorekitError(
            f"{shown}: extends {name!r}, which is not a file beside it", 'write extends = "other.toml"'
        )
    base, base_text = read_toml(file.parent / name, str(file.parent / name))
    if "extends" in base:
        raise RestorekitError(
            f"{shown}: {name} extends another recipe itself", "extend one that extends none"
        )
    replaced: list[Location] = []
    merged = _merged(base, table, (), replaced)
    lines = {
        at: line
        for at, line in key_lines(base_text).items()
        if not any(at[: len(root)] == root for root in replaced)
    }
    return merged, [own, Origin(str(file.parent / name), lines)]


def nearest(location: Location, written: list[Origin]) -> Origin:
    """Return the file that tells most closely where ``location`` stands; of two the first."""
    return max(written, key=lambda each: known_depth(location, each.lines))


def _merged(
    base: Mapping[str, Any], own: Mapping[str, Any], at: Location, replaced: list[Location]
) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if isinstance(value, dict) and isinstance(before, dict) and "type" not in value:
            merged[key] = _merged(before, value, (*at, key), replaced)
        else:
            merged[key] = value
            replaced.append((*at, key))
    return merged
