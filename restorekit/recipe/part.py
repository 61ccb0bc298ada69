"""Where a recipe names a component: how pydantic takes one, and how it is written again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import core_schema

from restorekit.kinds import KINDS, Kind, kind_of
from restorekit.plugins import registry

KIND = "x-restorekit-kind"
"""The key of a JSON Schema that says which kind of component belongs in its place."""

MARK = "\0component "
"""What a text begins with that stands for a component already made; no recipe can hold it."""


@dataclass(frozen=True)
class Part:
    """Marks a field that holds a component: ``Annotated[Source, Part()]``.

    From Python it takes a component. From TOML it takes what the compiler put in the place of a table.
    """

    def __get_pydantic_core_schema__(self, contract: Any, handler: GetCoreSchemaHandler) -> Any:
        kind = _kind(contract)

        def validate(value: Any, info: ValidationInfo) -> Any:
            if isinstance(value, str) and value.startswith(MARK):
                made: Mapping[str, Any] = (info.context or {})["made"]
                return made[value]
            if not isinstance(value, kind.contracts):
                raise ValueError(f"a {kind.name} is a component, not {value!r}")
            return value

        return core_schema.with_info_plain_validator_function(
            validate, metadata={"pydantic_js_functions": [lambda *_: {KIND: kind.name}]}
        )


@dataclass(frozen=True)
class Placeholder:
    """Stands in the place of a component that cannot be made, so that the rest of a recipe is checked too."""

    name: str


def part_name(kind: str, part: object) -> str:
    """Return the name that a component is registered by."""
    return part.name if isinstance(part, Placeholder) else registry(kind).name_of(type(part))


def default_part(kind: str) -> Any:
    """Return the component that is meant where a recipe names none of a kind."""
    return registry(kind).get(KINDS[kind].default)()


def _kind(contract: Any) -> Kind:
    members = getattr(contract, "__args__", ())
    return kind_of(members[0] if members else contract)
