"""The page on recipes, from the models that check them and the components that come along."""

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

from cells import code, in_words, plain, sections, table
from pydantic_core import PydanticUndefined

from restorekit.plugins import registry
from restorekit.recipe import describe, schema

HEAD = """# Recipe keys

Written by `docs/reference/make.py` from the code that checks recipes; `restorekit show KIND NAME` says the same of each
component, also of those that your plugins bring.

A recipe is a TOML file. Unknown keys and wrong types are errors; `restorekit check` tells all of them at once, each
with its line. `--set data.batch=8` changes a key for one run, `--set stage.0.steps=100` one in the first of several
tables. Paths are relative to the recipe; in `--set`, to the working directory.

`extends = "other.toml"` puts a recipe over another one beside it, which extends none itself. Tables are joined key by
key; a value, an array of tables, and a table that names its `type` take the place of what was there.
"""

TABLES = (
    (schema.Settings, "The whole", ""),
    (schema.Data, "[data]", ""),
    (
        schema.Degradation,
        "[[degradation]]",
        "One for each, in order; beside these it takes its component's keys.",
    ),
    (schema.Loss, "[[loss]]", "One for each; beside these it takes its component's keys."),
    (schema.Optim, "[optim]", ""),
    (schema.OptimTable, "[loss.optim]", "The discriminator's, in the table of an adversarial loss."),
    (schema.Train, "[train]", ""),
    (schema.Validation, "[validation]", ""),
    (schema.Stage, "[[stage]]", "One for each, in order."),
    (
        schema.Component,
        "Other tables with a type",
        "`[network]`, `[[task]]`, `data.train` and `validation.source` name a component and hold its keys;"
        " `[[augment]]` names a class of albumentations and holds its arguments.",
    ),
)

KINDS = {
    "source": "Sources",
    "degradation": "Degradations",
    "network": "Networks",
    "task": "Tasks",
    "loss": "Losses",
}
HEADS = ("key", "type", "default", "meaning")


def page() -> str:
    """Return the page."""
    return sections(HEAD, *_tables(), *_components()) + "\n"


def _tables() -> Iterator[str]:
    for model, title, note in TABLES:
        about = " ".join([(model.__doc__ or "").strip(), note]).strip()
        rows = [
            [
                field.alias or name,
                in_words(field.annotation, field.metadata),
                _schema_default(field),
                plain(field.description or ""),
            ]
            for name, field in model.model_fields.items()
        ]
        yield sections(f"## {title}", about, table(HEADS, rows))


def _schema_default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value is None or isinstance(value, schema.Table):
        return ""
    return code(json.dumps(value))


def _components() -> Iterator[str]:
    for kind, title in KINDS.items():
        yield f"## {title}"
        for entry in registry(kind):
            if entry.owner == "restorekit":  # what somebody else's plugin brings is described there
                yield _component(entry.name, entry.resolve())


def _component(name: str, cls: type) -> str:
    hints = get_type_hints(cls)
    rows = [
        [
            field.name,
            in_words(hints[field.name]),
            _default(field.default),
            plain(field.meaning),
        ]
        for field in describe.fields(cls)
    ]
    return "\n\n".join(filter(None, [f"### {name}", plain(describe.description(cls)), table(HEADS, rows)]))


def _default(default: str) -> str:
    return {"required": default, "none": ""}.get(default, code(default))
