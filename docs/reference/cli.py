"""The page on commands, from what the commands declare to typer: no width of a terminal, no version of its help."""

import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer
from cells import code, plain, sections, table
from typer.models import ArgumentInfo, OptionInfo

from restorekit.cli import app
from restorekit.cli import commands as _all  # noqa: F401  (importing them puts them on the app)

HEAD = """# Commands

Written by `docs/reference/make.py` from the commands themselves; `restorekit COMMAND --help` says the same.

Results go to stdout, messages to stderr. The exit status is 0 if all is done, 1 if some of it failed, 2 if nothing was
done, 130 if it was interrupted. An error is a line; `restorekit --debug COMMAND …` shows where it comes from. Nothing
that exists is replaced without `--overwrite`.
"""


def page() -> str:
    """Return the page."""
    root = app.registered_callback
    found = sorted(_commands(app, "restorekit"))
    commands = (_command(name, callback) for name, callback in found)
    return sections(HEAD, _options(root.callback), *commands) + "\n"


def _commands(group: typer.Typer, path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in group.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")
        yield f"{path} {name}", command.callback
    for inner in group.registered_groups:
        yield from _commands(inner.typer_instance, f"{path} {inner.name}")


def _command(name: str, callback: Callable[..., Any]) -> str:
    parameters = _parameters(callback)
    arguments = [each for each in parameters if isinstance(each.info, ArgumentInfo)]
    options = [each for each in parameters if isinstance(each.info, OptionInfo)]
    needed = [f"{_names(each).split(', ')[0]} {_value(each)}" for each in options if _is_needed(each)]
    rest = ["[OPTIONS]"] if len(options) > len(needed) else []
    usage = " ".join([name, *map(_usage, arguments), *needed, *rest])
    rows = [[code(_value(each)), plain(each.info.help or "")] for each in arguments]
    return sections(
        f"## {name}",
        f"```text\n{usage}\n```",
        inspect.getdoc(callback) or "",
        table(["argument", "meaning"], rows),
        _options(callback),
    )


def _options(callback: Callable[..., Any]) -> str:
    rows = [
        [code(f"{_names(each)} {_value(each)}".strip()), code(_default(each)), plain(each.info.help or "")]
        for each in _parameters(callback)
        if isinstance(each.info, OptionInfo)
    ]
    return table(["option", "default", "meaning"], rows)


class _Parameter:
    """An argument or option: its name in Python, its type, what typer was told, and the default."""

    def __init__(self, name: str, hint: Any, default: Any) -> None:
        self.name, self.default = name, default
        self.type, self.info = get_args(hint)[:2]


def _parameters(callback: Callable[..., Any]) -> list[_Parameter]:
    hints = get_type_hints(callback, include_extras=True)
    return [
        _Parameter(name, hints[name], parameter.default)
        for name, parameter in inspect.signature(callback).parameters.items()
        if get_origin(hints[name]) is Annotated
    ]


def _is_needed(parameter: _Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty


def _names(parameter: _Parameter) -> str:
    given = (parameter.info.default, *parameter.info.param_decls)  # typer takes the first one for a default
    names = [name for name in given if isinstance(name, str)]
    return ", ".join(names or [f"--{parameter.name.replace('_', '-')}"])


def _usage(argument: _Parameter) -> str:
    return _value(argument) if _is_needed(argument) else f"[{_value(argument)}]"


def _value(parameter: _Parameter) -> str:
    """What is written in its place, nothing for a flag."""
    if parameter.info.metavar:
        return parameter.info.metavar
    kinds = [kind for kind in get_args(parameter.type) or [parameter.type] if kind is not type(None)]
    if kinds == [bool]:
        return ""
    literal = parameter.type if get_origin(parameter.type) is Literal else kinds[0]
    if get_origin(literal) is Literal:
        return "|".join(get_args(literal))
    if isinstance(parameter.info, ArgumentInfo):
        return parameter.name.upper()
    return {int: "N", float: "X"}.get(kinds[0], parameter.name.upper())


def _default(parameter: _Parameter) -> str:
    if isinstance(parameter.info.show_default, str):
        return parameter.info.show_default
    if _is_needed(parameter) or parameter.default in (None, False, []):
        return ""
    return str(parameter.default)
