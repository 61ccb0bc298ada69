"""Faults of a recipe, each as one line that names the file, the line, the table and the next step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from restorekit.recipe.lines import Location, line_of
from restorekit.registries import did_you_mean

_UNION = re.compile(r"[\[(-]|^(int|float|str|bool)$")
"""What pydantic adds to a location to say which member of a union, or which validator, it tried."""

_WRITTEN = ("extra_forbidden", "unexpected_keyword_argument", "missing")
"""Errors whose location ends in a key of the recipe, whatever it looks like."""


@dataclass(frozen=True)
class Problem:
    """A fault at a place in the recipe."""

    location: Location
    message: str

    def render(self, file: str, lines: Mapping[Location, int], overridden: Iterable[Location]) -> str:
        """Return ``file:line: [table] message``; a key that an override changed is named by that instead."""
        for place in overridden:
            made_by_it = place[: len(self.location)] == self.location and self.location not in lines
            if self.location[: len(place)] == place or made_by_it:
                return f"override {dotted(place)}: {self.message}"
        return f"{file}:{line_of(self.location, lines)}: {self._table()}{self.message}"

    def under(self, outer: Location) -> Problem:
        """Return the fault of a component's table as that of the table that holds it, which lies at ``outer``."""
        location = (*outer, *self.location)
        is_missing = bool(self.location) and self == missing(self.location)
        return missing(location) if is_missing else Problem(location, self.message)

    def plain(self) -> str:
        """Return ``place: message``, for what is in no file."""
        return ": ".join(filter(None, (dotted(self.location), self.message)))

    def _table(self) -> str:
        tables = self.location if isinstance(self.location[-1], int) else self.location[:-1]
        names = ".".join(part for part in tables if isinstance(part, str))
        if not names:
            return ""
        return f"[[{names}]] " if any(isinstance(part, int) for part in tables) else f"[{names}] "


def dotted(location: Location) -> str:
    """Write a location as overrides name it."""
    return ".".join(str(part) for part in location)


def missing(location: Location) -> Problem:
    """Return the fault of a key that is not there."""
    message = f"missing key '{location[-1]}'; add it, or set {dotted(location)}=VALUE"
    return Problem(location, message)


def raise_problems(problems: list[Problem]) -> None:
    """Within a validator, report what is wrong with a component in a field; locations are relative to its table."""
    if problems:
        raise PydanticCustomError("component", "wrong component", {"problems": problems})


def from_pydantic(
    error: ValidationError, at: Location, known: Callable[[Location], Iterable[str]]
) -> list[Problem]:
    """Turn pydantic's errors into ours, placed under ``at``, one for each location.

    Args:
        error: What validation raised.
        at: The location of the validated table in the recipe.
        known: The keys that a table may have, by its location relative to ``at``, for did-you-mean.
    """
    found: dict[Location, Problem] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "component":
            for inner in detail["ctx"]["problems"]:
                problem = inner.under((*at, *detail["loc"]))
                found.setdefault(problem.location, problem)
            continue
        *outer, last = detail["loc"] or ("type",)  # a component as a whole is named at its type
        written = detail["type"] in _WRITTEN or not _UNION.search(str(last))
        location = (*(part for part in outer if not _UNION.search(str(part))), *((last,) if written else ()))
        while isinstance(location[-1], int):  # an entry of an array is named at its key
            location = location[:-1]
        key = location[-1]
        message = detail["msg"][:1].lower() + detail["msg"][1:]
        match detail["type"]:
            case "extra_forbidden" | "unexpected_keyword_argument":
                message = f"unknown key '{key}'; {did_you_mean(key, known(location[:-1]))}"
            case "missing":
                message = missing(at + location).message
            case "value_error":
                message = str(detail["ctx"]["error"])
            case _:
                value = repr(detail["input"]).replace("\n", " ")
                message = f"{key}: {message}, not {value if len(value) <= 60 else value[:57] + '...'}"
        found.setdefault(at + location, Problem(at + location, message))
    return list(found.values())
