"""Overrides, ``key=value``: change a key of a recipe before it is checked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from restorekit.errors import RestorekitError, brief
from restorekit.recipe.lines import Location, nesting
from restorekit.recipe.toml import DEEPEST, HUGE, huge_integers


def apply_overrides(table: dict[str, Any], overrides: Sequence[str]) -> list[Location]:
    """Change ``table`` in place.

    A key is dotted; within an array of tables a part is a position or an entry's name or type
    (``stage.0.steps=10``, ``loss.perceptual.weight=0.1``). A value is TOML, or else a plain string.

    Returns:
        The locations changed.
    """
    return [_apply(table, override) for override in overrides]


def _apply(table: dict[str, Any], override: str) -> Location:
    key, equals, text = override.partition("=")
    deep, override = nesting(override), brief(override)
    if not equals or not key.strip():
        raise RestorekitError(
            f"override {override}: not key=value", f"write {brief(key.strip() or 'KEY')}=VALUE"
        )
    if deep > DEEPEST:
        raise RestorekitError(
            f"override {override}: nested more than {DEEPEST} deep", "take tables out of their tables"
        )
    location: Location = ()
    place: Any = table
    parts = [part.strip() for part in key.split(".")]
    for i, part in enumerate(parts):
        index: str | int = part
        if isinstance(place, list):
            index = _position(place, part, override)
        location += (index,)
        if i == len(parts) - 1:
            place[index] = _value(text.strip(), override)
        elif isinstance(place, dict):
            place = place.setdefault(part, {})
        else:
            place = place[index]
        if not isinstance(place, dict | list):
            raise RestorekitError(
                f"override {override}: '{part}' is not a table", "leave out what follows it"
            )
    return location


def _position(entries: list[Any], part: str, override: str) -> int:
    if part.isdecimal() and len(part) < 10 and int(part) < len(entries):
        return int(part)
    for i, entry in enumerate(entries):
        if isinstance(entry, dict) and part in (entry.get("name"), entry.get("type")):
            return i
    named = [str(e.get("name") or e.get("type") or i) for i, e in enumerate(entries) if isinstance(e, dict)]
    raise RestorekitError(f"override {override}: no entry '{part}'", f"one of: {', '.join(named)}")


def _value(text: str, override: str) -> Any:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    except ValueError:  # Python reads no more digits
        value = 2**64
    if list(huge_integers(value)):
        raise RestorekitError(f"override {override}: {HUGE}", "give a smaller one")
    return value
