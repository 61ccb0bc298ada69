"""From a recipe's table to a component: its fields are the keys, validated strictly."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from restorekit.errors import PluginError, RestorekitError
from restorekit.kinds import KINDS
from restorekit.plugins import registry
from restorekit.recipe.base import Base
from restorekit.recipe.lines import Location
from restorekit.recipe.nested import nested_fields
from restorekit.recipe.problems import Problem, from_pydantic, raise_problems

HERE = Base()
"""For paths that are relative to the working directory."""


@functools.cache
def adapter(cls: type) -> TypeAdapter[Any]:
    """Return the strict validator of a component class: a host-made subclass, so that authors write no pydantic.

    Where the annotation of a field names a contract, alone, in a tuple or with None, it takes a table with a ``type``.
    """
    namespace = {
        "__pydantic_config__": ConfigDict(extra="forbid", strict=True),
        "__module__": cls.__module__,
    }
    fields = nested_fields(cls, read=_read_nested, write=_write_nested)
    if not fields:
        return TypeAdapter(type(cls.__name__, (cls,), namespace))
    frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return TypeAdapter(
        dataclasses.make_dataclass(cls.__name__, fields, bases=(cls,), namespace=namespace, frozen=frozen)
    )


def _read_nested(kind: str, table: Any, base: Base) -> Any:
    problems: list[Problem] = []
    if not isinstance(table, dict) or not isinstance(table.get("type"), str):
        raise_problems([Problem((), f'a {kind} is a table with a type, such as {{ type = "NAME" }}')])
    options = {key: value for key, value in table.items() if key != "type"}
    made = try_component(kind, table["type"], options, base, (), problems)
    raise_problems(problems)
    return made


def _write_nested(kind: str, component: Any) -> dict[str, Any]:
    return component_table(registry(kind).name_of(type(component)), component)


def reserved(kind: str) -> tuple[str, ...]:
    """Return the keys that the recipe itself reads in the table of a component of this kind."""
    return ("type", *KINDS[kind].frame)


def field_names(cls: type) -> list[str]:
    """The keys of a component, in order."""
    return [field.name for field in dataclasses.fields(cls) if field.init]


def make_component(kind: str, name: str, options: dict[str, Any], base: Base = HERE) -> Any:
    """Build one component.

    Args:
        kind: The registry (``network``).
        name: The registered name.
        options: Its keys, as TOML or JSON gives them.
        base: What its relative paths are relative to; the working directory if left out.

    Raises:
        UnknownNameError: Nobody registered the name.
        ValidationError: Keys are unknown, missing or of the wrong type or value.
    """
    cls: type = registry(kind).get(name)
    taken = [key for key in field_names(cls) if key in reserved(kind)]
    if taken:
        raise PluginError(
            f"{kind} '{name}' has a field '{taken[0]}', which is a key of the recipe itself",
            "rename the field",
        )
    try:
        checked = adapter(cls).validate_json(json.dumps(options, default=str), context={"base": base})
    except (ValidationError, RestorekitError):
        raise
    except Exception as error:
        raise PluginError(
            f"{kind} '{name}' of {registry(kind).entry(name).owner} cannot be made from a recipe: "
            f"{type(error).__name__}: {' '.join(str(error).split())[:200]}",
            "its fields must be numbers, text, paths, contracts, or tuples of them",
        ) from error
    values = {key: getattr(checked, key) for key in field_names(cls)}
    return cls(
        **{
            key: base(key) / value.expanduser() if isinstance(value, Path) else value
            for key, value in values.items()
        }
    )


def try_component(
    kind: str,
    name: str,
    options: dict[str, Any],
    base: Base,
    at: Location,
    problems: list[Problem],
    frame: Iterable[str] = (),
) -> Any:
    """Build one component of a recipe, or add what is wrong with it to ``problems`` and return None."""
    try:
        return make_component(kind, name, options, base)
    except ValidationError as error:
        known = [*field_names(registry(kind).get(name)), *frame]
        problems += from_pydantic(error, at, lambda _: known)
    except RestorekitError as error:
        problems.append(Problem((*at, "type"), str(error)))
    return None


def component_table(name: str, component: Any) -> dict[str, Any]:
    """Write a component as the table that makes it again, every field spelt out."""
    cls: type = type(component)
    adapted = adapter(cls).dump_python(component, mode="json", warnings=False)
    return {
        "type": name,
        **{key: adapted[key] for key in field_names(cls) if adapted[key] is not None},
    }
