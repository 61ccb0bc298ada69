"""The rival that learns: the multi-scale network of Nah et al. for blur of any scene."""

from restorekit import Register, hookimpl


@hookimpl
def register_networks(register: Register) -> None:
    """Register the network."""
    register("nah2017", "restorekit_nah2017.network:Nah2017")
