"""Imports every command, which puts it on the app."""

from restorekit.cli import check, deblur, doctor, evaluate, list, new, preview, protocol, show, train  # noqa: F401
