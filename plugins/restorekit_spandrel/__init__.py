"""Networks of the spandrel library, so that weights people already have run as they are."""

from collections.abc import Callable

from restorekit import hookimpl


@hookimpl
def register_networks(register: Callable[[str, str | type], None]) -> None:
    """Register the one network that stands for all of spandrel's."""
    register("spandrel", "restorekit_spandrel.network:Spandrel")
