"""A recipe as the tables that make it again, every key spelt out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from restorekit.kinds import COMPONENTS, Kind, kind_of
from restorekit.recipe.component import component_table
from restorekit.recipe.part import part_name
from restorekit.recipe.schema import Step, Table, Term

_CONTRACTS = tuple(contract for kind in COMPONENTS for contract in kind.contracts)


def table_of(model: Table) -> dict[str, Any]:
    """Return a table of a recipe as TOML has it, without the keys that were left to others."""
    table: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        key, value = str(field.validation_alias or name), getattr(model, name)
        if key == "type":
            table |= _component(value)
        elif value is not None:
            table[key] = _plain(value)
    if isinstance(model, Term):
        table["weight"] = "auto" if model.weight is None else model.weight
    if isinstance(model, Step) and model.name.partition(".")[0] == table["type"]:
        del table["name"]  # it goes by its place
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, Table):
        return table_of(value)
    if isinstance(value, _CONTRACTS):
        return _short(kind_of(type(value)), _component(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value


def _short(kind: Kind, table: dict[str, Any]) -> Any:
    if kind.listed and table["type"] == kind.listed:
        return table[kind.listed]
    return table["type"] if kind.short and len(table) == 1 else table


def _component(value: Any) -> dict[str, Any]:
    return component_table(part_name(kind_of(type(value)).name, value), value)
