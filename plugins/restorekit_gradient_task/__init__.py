"""The gradient-domain auxiliary task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable


@hookimpl
def register_tasks(register: Callable[[str, str | type], None]) -> None:
    """Register the gradient task."""
    register("gradient", "restorekit_gradient_task.gradient:GradientTask")
