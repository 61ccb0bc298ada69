"""Imports every command, which puts it on the app, and adds those of plugins."""

from restorekit.cli import (  # noqa: F401
    ablate,
    bench,
    check,
    doctor,
    evaluate,
    export,
    import_,
    list,
    models,
    new,
    preview,
    protocol,
    publish,
    pull,
    restore,
    show,
    train,
)
from restorekit.cli.plugged import add_commands

add_commands()
