"""The gradient-domain auxiliary task."""

from restorekit import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the gradient task."""
    register("gradient", "restorekit_gradient_task.gradient:GradientTask")
