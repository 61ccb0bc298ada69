"""Degradations other than blur."""

from collections.abc import Callable

from restorekit import hookimpl


@hookimpl
def register_degradations(register: Callable[[str, str | type], None]) -> None:
    """Register ``gaussian_noise``."""
    register("gaussian_noise", "restorekit_degradations.noise:GaussianNoise")
