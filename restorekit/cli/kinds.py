"""The kind that a person names on the command line."""

from restorekit.errors import UnknownNameError
from restorekit.kinds import COMPONENTS, KINDS
from restorekit.registries import did_you_mean


def one_kind(name: str, *, component: bool = False) -> str:
    """Return ``name`` if it is a kind of what plugins bring, or of components; the error names the closest one."""
    kinds = [kind.name for kind in COMPONENTS] if component else list(KINDS)
    if name not in kinds:
        raise UnknownNameError(f"unknown kind '{name}'", did_you_mean(name, kinds))
    return name
