"""Fields of a component that are components themselves, such as the choices of a mixture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from restorekit import contracts

KINDS: dict[type, str] = {
    contracts.Source: "source",
    contracts.Degradation: "degradation",
    contracts.Network: "network",
    contracts.Task: "task",
    contracts.Loss: "loss",
    contracts.AdversarialLoss: "loss",
    contracts.Metric: "metric",
    contracts.Restorer: "restorer",
}
"""The registry in which the components of a contract stand."""

Read = Callable[[str, Any, Callable[[str], Path]], Any]
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
    hints = get_type_hints(cls)
    found = []
    for field in dataclasses.fields(cls):
        annotation = _annotated(hints[field.name], field.name, read, write)
        if annotation is not hints[field.name]:
            same = dataclasses.field(default=field.default, default_factory=field.default_factory)
            found.append((field.name, annotation, same))
    return found


def _annotated(hint: Any, name: str, read: Read, write: Write) -> Any:
    kind = KINDS.get(hint) if isinstance(hint, type) else None
    if kind is None:
        arguments = get_args(hint)
        if get_origin(hint) is not tuple or arguments[0] not in KINDS:
            return hint
        return GenericAlias(tuple, (_annotated(arguments[0], name, read, write), ...))

    def validate(value: Any, info: ValidationInfo) -> Any:
        base = (info.context or {}).get("base", lambda _: Path())
        return value if isinstance(value, hint) else read(kind, value, lambda _: base(name))

    def serialize(value: Any) -> dict[str, Any]:
        return write(kind, value)

    table = {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}
    return Annotated[Any, PlainValidator(validate), PlainSerializer(serialize), WithJsonSchema(table)]
