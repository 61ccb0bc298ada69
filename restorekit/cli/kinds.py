"""The kind that a person names on the command line."""

from restorekit.errors import UnknownNameError
from restorekit.kinds import KINDS
from restorekit.registries import did_you_mean


def one_kind(name: str) -> str:
    """Return ``name`` if it is a kind of component; the error names the closest one."""
    if name not in KINDS:
        raise UnknownNameError(f"unknown kind '{name}'", did_you_mean(name, KINDS))
    return name
