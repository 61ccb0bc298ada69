"""The commands of plugins."""

from __future__ import annotations

from typing import Any, cast

from restorekit.cli import app
from restorekit.cli.output import say
from restorekit.errors import RestorekitError
from restorekit.plugins import registry


def add_commands() -> None:
    """Put the commands of plugins on the app; one that does not load is a line on stderr."""
    own = {command.name or cast(Any, command.callback).__name__ for command in app.registered_commands}
    for entry in registry("command"):
        try:
            if entry.name in own:
                raise RestorekitError(f"command '{entry.name}' of {entry.owner} is one of restorekit's own")
            app.command(entry.name)(cast(Any, entry.resolve()))
        except RestorekitError as error:
            say(f"restorekit: {error}")
