"""The gradient-domain auxiliary task."""

from collections.abc import Callable

from restorekit import hookimpl


@hookimpl
def register_tasks(register: Callable[[str, str | type], None]) -> None:
    """Register the gradient task."""
    register("gradient", "restorekit_gradient_task.gradient:GradientTask")
