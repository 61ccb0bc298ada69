"""The hooks that a plugin may implement: one for each kind, such as ``register_networks(register)``.

``register(name, target)`` takes a class or a lazy ``"module:Attr"``.
"""

from __future__ import annotations

from collections.abc import Callable

import pluggy

from restorekit.kinds import KINDS, Kind

GROUP = "restorekit"
"""What the entry points of plugins, and the markers of their hooks, are called."""

hookimpl = pluggy.HookimplMarker(GROUP)

Register = Callable[[str, "str | type"], None]


def hookspecs() -> type:
    """Return what holds the specification of every hook."""
    return type("Hooks", (), {kind.hook: staticmethod(_specification(kind)) for kind in KINDS.values()})


def _specification(kind: Kind) -> Callable[[Register], None]:
    def specification(register: Register) -> None: ...

    specification.__name__ = specification.__qualname__ = kind.hook
    specification.__doc__ = f"Register {kind.plural}: {kind.gives}."
    marked: Callable[[Register], None] = pluggy.HookspecMarker(GROUP)(specification)
    return marked
