"""Imports every command, which puts it on the app."""

from restorekit.cli import (  # noqa: F401
    bench,
    check,
    deblur,
    doctor,
    evaluate,
    import_,
    list,
    models,
    new,
    preview,
    protocol,
    publish,
    pull,
    show,
    train,
)
