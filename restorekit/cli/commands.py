"""Imports every command, which puts it on the app."""

from restorekit.cli import (  # noqa: F401
    ablate,
    bench,
    check,
    deblur,
    doctor,
    evaluate,
    export,
    faces,
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
