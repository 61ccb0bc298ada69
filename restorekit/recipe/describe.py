"""Components as documents: their fields, types, defaults and what each means, read from the class itself."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from dataclasses import dataclass
from typing import Any

from restorekit.recipe.component import adapter, field_names

_ENTRY = re.compile(r"^ {4}(\w+):\s*(.*)$")


@dataclass(frozen=True)
class Field:
    """One key of a component."""

    name: str
    type: str
    default: str
    """As TOML would have it, or ``required``."""
    meaning: str


def description(cls: type) -> str:
    """A class's docstring up to its first section."""
    return re.split(r"\n(?:Attributes|Args|Raises|Returns):\n", inspect.getdoc(cls) or "")[0].strip()


def fields(cls: type) -> list[Field]:
    """The keys of a component class, in order."""
    meanings: dict[str, str] = {}
    for base in reversed(inspect.getmro(cls)):  # a field keeps what the class that declares it says of it
        meanings |= _meanings(inspect.cleandoc(base.__doc__ or ""))
    declared = {field.name: field for field in dataclasses.fields(cls)}
    return [
        Field(name, _type(declared[name].type), _default(declared[name]), meanings.get(name, ""))
        for name in field_names(cls)
    ]


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def schema(cls: type) -> dict[str, Any]:
    """The JSON Schema of a component's keys."""
    found: dict[str, Any] = {"properties": {}, **adapter(cls).json_schema()}
    return found


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    elif field.default is not dataclasses.MISSING:
        value = field.default
    else:
        return "required"
    return "none" if value is None else json.dumps(value, default=str)


def _meanings(doc: str) -> dict[str, str]:
    """What the Attributes section of a Google-style docstring says of each field."""
    _, _, section = doc.partition("\nAttributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        entry = _ENTRY.match(line)
        if line and not line.startswith(" "):
            break
        if entry:
            name = entry.group(1)
            found[name] = entry.group(2)
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found
