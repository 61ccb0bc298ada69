"""The page on recipes, from the models that check them and the components that come along."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, get_type_hints

from cells import code, in_words, plain, sections, table
from pydantic_core import PydanticUndefined

from restorekit.evaluation.protocol import MetricStep, Protocol
from restorekit.kinds import COMPONENTS, KINDS
from restorekit.plugins import registry
from restorekit.recipe import Recipe, describe, schema
from restorekit.reports.pieces import PIECES

HEAD = """# Recipe keys

Written by `docs/reference/make.py` from the code that checks recipes; `restorekit show KIND NAME` says the same of each
component, also of those that your plugins bring.

A recipe is a TOML file. Unknown keys and wrong types are errors; `restorekit check` names all of them at once, each
with its line. `--set data.batch=8` changes a key for one run, `--set stage.0.steps=100` one in the first of several
tables. Paths are relative to the recipe; in `--set`, to the working directory.

`extends = "other.toml"` starts from another recipe in the same folder, which must not extend one itself. Tables
are joined key by key; a value, an array of tables, and a table that names its `type` replace what was there.
"""

TABLES = (
    (Recipe, "The whole", ""),
    (schema.Data, "[data]", ""),
    (schema.Step, "[[degradation]]", "One for each, in order; beside these it takes its component's keys."),
    (schema.Term, "[[loss]]", "One for each; beside these it takes its component's keys."),
    (schema.Optim, "[optim]", "Beside these it takes its component's keys."),
    (schema.Train, "[train]", ""),
    (schema.Validation, "[validation]", ""),
    (schema.Stage, "[[stage]]", "One for each, in order."),
    (
        Protocol,
        "A test set",
        "A recipe of its own, for `restorekit evaluate`; its `[[degradation]]` is that of above.",
    ),
    (MetricStep, "[[metric]] of a test set", "One for each; beside these it takes its component's keys."),
    *(
        (model, f'A piece of a report: show = "{show}"', "A recipe of its own.")
        for show, model in PIECES.items()
    ),
)

OTHERS = """## Where components stand

A table with a `type` names a component and holds its keys, which follow below by kind. For these kinds a name alone
will do in place of a table: SHORT. `crop = [x, y, width, height]` is short for the crop `box`."""

MOST = 50
"""Components of one kind that are described one by one; what is generated for a library is far more."""

HEADS = ("key", "type", "default", "meaning")


def page() -> str:
    """Return the page."""
    short = ", ".join(kind.name for kind in COMPONENTS if kind.short)
    return sections(HEAD, *_tables(), OTHERS.replace("SHORT", short), *_components()) + "\n"


def _tables() -> Iterator[str]:
    for model, title, note in TABLES:
        about = " ".join([(model.__doc__ or "").partition("\n\n")[0].strip(), note]).strip()
        rows = [
            [
                str(field.validation_alias or name),
                _schema_type(name, field),
                _schema_default(field),
                plain(field.description or ""),
            ]
            for name, field in model.model_fields.items()
        ]
        yield sections(f"## {title}", about, table(HEADS, rows))


def _schema_type(name: str, field: Any) -> str:
    said = in_words(field.annotation, field.metadata)
    if field.validation_alias == "type":
        return said.replace(" table", "'s name")
    return f'{said} or `"auto"`' if name == "weight" else said


def _schema_default(field: Any) -> str:
    if field.is_required():
        return "required"
    if isinstance(field.default_factory, partial):  # the component that is meant where none is named
        return code(json.dumps(KINDS[field.default_factory.args[0]].default))
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value is None or isinstance(value, schema.Table | tuple):
        return ""
    return code(json.dumps(value))


def _components() -> Iterator[str]:
    for kind in COMPONENTS:
        entries = [entry for entry in registry(kind.name) if entry.owner == "restorekit"]
        yield sections(f"## {kind.plural.capitalize()}", f"Each is {kind.gives}.")
        if len(entries) > MOST:
            names = ", ".join(code(entry.name) for entry in entries)
            yield f"`restorekit show {kind.name} NAME` lists the keys of each: {names}."
        else:
            yield from (_component(entry.name, entry.resolve()) for entry in entries)


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
