"""Imports every command, which puts it on the app."""

from restorekit.cli import train  # noqa: F401
