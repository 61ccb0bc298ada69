"""Networks of the spandrel library, so that weights people already have run as they are."""

from restorekit import Register, hookimpl


@hookimpl
def register_networks(register: Register) -> None:
    """Register the one network that stands for all of spandrel's."""
    register("spandrel", "restorekit_spandrel.network:Spandrel")
