"""The command line: one file per command; torch is imported inside commands only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from restorekit import __version__
from restorekit.cli.output import say
from restorekit.cli.signals import tidy_end
from restorekit.errors import LONGEST, RecipeError, RestorekitError, one_line


class _Commands(TyperGroup):
    """The commands; what they say of wrong arguments quotes these, which may be names of files."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        with _printable():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        with _printable():
            return super().invoke(ctx)


@contextmanager
def _printable() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's own
            error.message = one_line(getattr(error, "message", ""), LONGEST)  # type: ignore[attr-defined]
        raise


app = typer.Typer(
    name="restorekit",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",  # else what stands in brackets is taken for a style
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"restorekit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Restore images, train restoration networks from a recipe, write plugins."""
    context.obj = {"debug": debug}


def _check_command(arguments: list[str]) -> None:
    """Tell who gives a picture where a command is due what to write.

    Raises:
        RestorekitError: The first argument is no command, but a file or folder.
    """
    first = next((each for each in arguments if not each.startswith("-")), None)
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    if first is not None and first not in commands and os.path.exists(first):
        known = [name for name in ("deblur", "restore") if name in commands]
        raise RestorekitError(f"'{first}' is not a command", f"write: restorekit {known[0]} {first}")


def main() -> None:
    """Run the command line; an error that the user can fix is one line on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text
    try:
        with tidy_end():
            from restorekit.cli import commands  # noqa: F401  (registers every command on ``app``)

            _check_command(sys.argv[1:])
            app()
    except RecipeError as error:
        _fail(error, *error.message.splitlines())
    except RestorekitError as error:
        _fail(error, error)
    except OSError as error:
        _fail(error, f"{error}; check the path, its permissions and the space on its disk")
    except (MemoryError, RuntimeError) as error:
        from restorekit.device import out_of_memory

        if not out_of_memory(error):
            raise
        _fail(error, "memory does not suffice; end other programs, or do less at once")
    except KeyboardInterrupt:  # while importing; within a command typer says it
        say("interrupted")
        sys.exit(130)


def _fail(error: Exception, first: object, *more: object) -> NoReturn:
    if "--debug" in sys.argv:
        raise error
    say(f"error: {first}")
    for line in more:
        say(line)
    sys.exit(2)
