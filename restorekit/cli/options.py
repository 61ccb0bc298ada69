"""Options as fields of dataclasses, so that a command of many options is a function of a few things."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

from restorekit.errors import RecipeError, RestorekitError

_PLAIN = (str, int, float, bool, Path)

Spell = Callable[[str, str], str]
"""Writes a key and its value as they are given to a command."""


def command(function: Callable[..., None], doc: str, **groups: type) -> Callable[..., None]:
    """Make what typer takes for a command of a function that takes dataclasses.

    Args:
        function: Called with typer's context and a value of each group, by the group's name.
        doc: What ``--help`` says.
        groups: Dataclasses; their fields are annotated for typer.
    """
    hints = {name: get_type_hints(cls, include_extras=True) for name, cls in groups.items()}
    parameters = [
        inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    ]
    for name, cls in groups.items():
        parameters += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=hints[name][field.name],
            )
            for field in dataclasses.fields(cls)
        ]

    def run(context: typer.Context, **values: Any) -> None:
        made = {
            name: cls(**{field.name: values[field.name] for field in dataclasses.fields(cls)})
            for name, cls in groups.items()
        }
        function(context, **made)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = doc
    return run


def keys_of(component: type, panel: str) -> type:
    """Make a group of the keys of a component class; what is not given is None.

    Keys that are neither text, numbers, paths, truth values nor one of some words are left out.

    Args:
        component: A dataclass whose docstring lists its keys.
        panel: What ``--help`` puts above them.
    """
    from restorekit.recipe.describe import fields

    hints = get_type_hints(component)
    made: list[tuple[str, Any, Any]] = []
    for field in fields(component):
        kind, words = _option_type(hints[field.name])
        if kind is not None:
            meaning = (
                field.meaning if field.default in ("none", "false") else f"{field.meaning} [{field.default}]"
            )
            name = f"--{field.name.replace('_', '-')}"
            option = typer.Option(
                name, help=meaning, metavar=words, rich_help_panel=panel, show_default=False
            )
            made.append((field.name, Annotated[kind | None, option], None))
    return dataclasses.make_dataclass("Keys", made, frozen=True)


def given(keys: Any) -> dict[str, Any]:
    """Return the keys of such a group that were given."""
    return {name: value for name, value in vars(keys).items() if value is not None}


def as_option(key: str, value: str) -> str:
    """Write a key and its value as an option of that name."""
    return f"--{key.replace('_', '-')} {'' if value == 'true' else value}".rstrip()


def speller(keys: Mapping[str, Spell]) -> Callable[[str], str]:
    """Return what writes each ``key=VALUE`` in a text as a command takes it."""
    pattern = re.compile(rf"\b({'|'.join(keys)})=(\w+)")
    return lambda words: pattern.sub(lambda found: keys[found[1]](found[1], found[2]), words)


@contextmanager
def spelled(spell: Callable[[str], str]) -> Iterator[None]:
    """Pass errors on in a command's own words: what a library says of its arguments is said of options."""
    try:
        yield
    except RecipeError as error:
        raise RecipeError([spell(problem) for problem in error.problems]) from error
    except RestorekitError as error:
        raise RestorekitError(spell(error.message), spell(error.hint)) from error


def own_options(*keys: str) -> AbstractContextManager[None]:
    """Pass errors on that speak of arguments for which a command has options of the same names."""
    return spelled(speller(dict.fromkeys(keys, as_option)))


def _option_type(hint: Any) -> tuple[Any, str | None]:
    """Return the type of an option and what stands for its value; None if it cannot be one."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [each for each in get_args(hint) if each is not types.NoneType]
        return _option_type(rest[0]) if len(rest) == 1 else (None, None)
    if get_origin(hint) is Literal and all(isinstance(each, str) for each in get_args(hint)):
        return str, "|".join(get_args(hint))
    return (hint if hint in _PLAIN else None), None
