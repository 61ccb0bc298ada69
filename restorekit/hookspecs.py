"""The hooks that a plugin may implement. ``register(name, target)`` takes a class or a lazy ``"module:Attr"``."""

from collections.abc import Callable

import pluggy

hookspec = pluggy.HookspecMarker("restorekit")
hookimpl = pluggy.HookimplMarker("restorekit")

Register = Callable[[str, "str | type"], None]


@hookspec
def register_sources(register: Register) -> None:
    """Register sources of images, by the ``type`` that recipes name them with."""


@hookspec
def register_degradations(register: Register) -> None:
    """Register degradations (blur, noise, compression)."""


@hookspec
def register_networks(register: Register) -> None:
    """Register networks."""


@hookspec
def register_tasks(register: Register) -> None:
    """Register tasks: what a network predicts, and from what."""


@hookspec
def register_losses(register: Register) -> None:
    """Register losses, adversarial ones included."""


@hookspec
def register_metrics(register: Register) -> None:
    """Register metrics for ``restorekit evaluate``."""


@hookspec
def register_framings(register: Register) -> None:
    """Register framings: which parts of a picture are restored."""


@hookspec
def register_commands(register: Register) -> None:
    """Register commands: functions as typer takes them, by the name that follows ``restorekit``."""


@hookspec
def register_restorers(register: Register) -> None:
    """Register restorers that are not trained bundles, such as classical methods."""
