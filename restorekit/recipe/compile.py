"""From a recipe's tables to components: each is made where it stands, and what is wrong with it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restorekit.kinds import Kind
from restorekit.recipe.base import Base
from restorekit.recipe.component import try_component
from restorekit.recipe.lines import Location
from restorekit.recipe.part import MARK, Placeholder
from restorekit.recipe.places import Shape, fields
from restorekit.recipe.problems import Problem, missing
from restorekit.recipe.schema import Frame, Table


class Compiler:
    """Makes every component of one recipe, gathering every fault on the way.

    Args:
        base: What its relative paths are relative to.
        overridden: Locations that were set by hand, whose paths are relative to the working directory.
    """

    def __init__(self, base: Path, overridden: Sequence[Location] = ()) -> None:
        self.base = base
        self.overridden = overridden
        self.problems: list[Problem] = []
        self.made: dict[str, Any] = {}

    def table(self, model: type[Table], table: Any, at: Location = ()) -> Any:
        """Return a copy of a table in which marks stand for the components, which are in ``made``."""
        if not isinstance(table, dict):
            return table
        shapes = fields(model)
        if issubclass(model, Frame):
            own = {key: value for key, value in table.items() if key in shapes and key != "type"}
            rest = {key: value for key, value in table.items() if key not in own}
            kind = shapes["type"].kind
            assert kind is not None
            own_keys = {key: self._value(shapes[key], value, (*at, key)) for key, value in own.items()}
            return {"type": self._part(kind, rest, at, [key for key in shapes if key != "type"]), **own_keys}
        return {
            key: self._value(shapes[key], value, (*at, key)) if key in shapes else value
            for key, value in table.items()
        }

    def _value(self, shape: Shape, value: Any, at: Location) -> Any:
        if shape.many and isinstance(value, list):
            return [self._one(shape, each, (*at, i)) for i, each in enumerate(value)]
        return value if shape.many else self._one(shape, value, at)

    def _one(self, shape: Shape, value: Any, at: Location) -> Any:
        if shape.kind is not None:
            return self._part(shape.kind, value, at)
        return value if shape.model is None else self.table(shape.model, value, at)

    def _part(self, kind: Kind, value: Any, at: Location, frame: Sequence[str] = ()) -> str:
        """Make a component of what stands in its place, and return its mark."""
        short = kind.short and isinstance(value, str)
        if short:
            value = {"type": value}
        elif kind.listed and isinstance(value, list):
            value = {"type": kind.listed, kind.listed: value}
        name = value.get("type", kind.default or None) if isinstance(value, dict) else None
        made: Any = None
        if not isinstance(value, dict):
            self.problems.append(
                Problem(at, f'{at[-1]}: a {kind.name} is a table with a type, such as {{ type = "NAME" }}')
            )
        elif name is None:
            self.problems.append(missing((*at, "type")))
        elif not isinstance(name, str):
            self.problems.append(
                Problem((*at, "type"), f"type: input should be a valid string, not {name!r}")
            )
        else:
            options = {key: option for key, option in value.items() if key != "type"}
            found: list[Problem] = []
            made = try_component(
                kind.name, name, options, Base(self.base, self.overridden, at, options), at, found, frame
            )
            self.problems += [Problem(at, each.message) if short else each for each in found]
        mark = f"{MARK}{len(self.made)}"
        self.made[mark] = Placeholder(str(name)) if made is None else made
        return mark


def as_json(table: Mapping[str, Any]) -> str:
    """Write a table as pydantic reads it strictly."""
    return json.dumps(table, default=str)
