"""Fields of a component that are components themselves, such as the choices of a mixture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import reduce
from operator import or_
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from restorekit.kinds import is_contract, kind_of
from restorekit.recipe.base import Base

Read = Callable[[str, Any, Base], Any]
Write = Callable[[str, Any], dict[str, Any]]


def nested_fields(cls: type, read: Read, write: Write) -> list[tuple[str, Any, Any]]:
    """Return the fields of a component class that hold components, annotated so that pydantic takes tables for them.

    Args:
        cls: A dataclass.
        read: Makes a component of a kind from its table; relative paths in it are relative to the third argument.
        write: Makes the table again.

    Returns:
        Name, annotation and dataclass field of each, as ``dataclasses.make_dataclass`` takes them.
    """
    found = []
    for field in dataclasses.fields(cls):
        hint = _hint(cls, field.name)
        annotation = _annotated(hint, field.name, read, write)
        if annotation is not hint:
            same = dataclasses.field(default=field.default, default_factory=field.default_factory)
            found.append((field.name, annotation, same))
    return found


def _hint(cls: type, name: str) -> Any:
    """Evaluate the annotation of one field, where it was written; None if it cannot be, which pydantic will say."""
    owner = next(base for base in cls.__mro__ if name in base.__dict__.get("__annotations__", {}))
    alone = {"__annotations__": {name: owner.__annotations__[name]}, "__module__": owner.__module__}
    try:
        return get_type_hints(type("Alone", (), alone))[name]
    except NameError:
        return None


def _annotated(hint: Any, name: str, read: Read, write: Write) -> Any:
    """Put what takes a table in the place of every contract in a hint, also within ``tuple[...]`` or a union."""
    kind = kind_of(hint).name if is_contract(hint) else None
    if kind is None:
        before = get_args(hint)
        after = tuple(_annotated(argument, name, read, write) for argument in before)
        if after == before:
            return hint
        origin: Any = get_origin(hint)
        return reduce(or_, after) if origin in (Union, UnionType) else GenericAlias(origin, after)

    def validate(value: Any, info: ValidationInfo) -> Any:
        base = (info.context or {}).get("base", Base())
        return value if isinstance(value, hint) else read(kind, value, base.inside(name, value))

    def serialize(value: Any) -> dict[str, Any]:
        return write(kind, value)

    table = {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}
    return Annotated[Any, PlainValidator(validate), PlainSerializer(serialize), WithJsonSchema(table)]
