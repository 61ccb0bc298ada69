"""Motion blur: kernels from random camera trajectories, applied as exact convolutions."""

from collections.abc import Callable

from restorekit import hookimpl


@hookimpl
def register_degradations(register: Callable[[str, str | type], None]) -> None:
    """Register ``trajectory_blur``."""
    register("trajectory_blur", "restorekit_motion_blur.degradation:TrajectoryBlur")
