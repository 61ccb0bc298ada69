"""The command line: one file per command; torch is imported inside commands only."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from restorekit import __version__
from restorekit.errors import RestorekitError

app = typer.Typer(
    name="restorekit",
    no_args_is_help=True,
    add_completion=False,
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
    """Restore images: deblur faces, train restoration networks from a recipe, write plugins."""
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
        raise RestorekitError(f"'{first}' is no command", f"write: restorekit {known[0]} {first}")


def main() -> None:
    """Run the command line; an error that the user can mend is one line on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text
    try:
        from restorekit.cli import commands  # noqa: F401  (registers every command on ``app``)

        _check_command(sys.argv[1:])
        app()
    except RestorekitError as error:
        if "--debug" in sys.argv:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if "--debug" in sys.argv:
            raise
        print(f"error: {error}; check the path, its permissions and the space on its disk", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:  # while importing; within a command typer says it
        print("interrupted", file=sys.stderr)
        sys.exit(130)
