"""The names of a new plugin: what is typed, made into what recipes, Python and package indexes ask for."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib.metadata import entry_points

from restorekit.errors import RestorekitError
from restorekit.hookspecs import GROUP
from restorekit.plugins import registry


@dataclass(frozen=True)
class Names:
    """What one plugin goes by.

    Attributes:
        component: The ``type`` in a recipe, and the entry point: ``lens_dust``.
    """

    component: str

    @property
    def distribution(self) -> str:
        """What pip installs: ``restorekit-lens-dust``."""
        return f"restorekit-{self.component.replace('_', '-')}"

    @property
    def cls(self) -> str:
        """The class: ``LensDust``."""
        return "".join(word.capitalize() for word in self.component.split("_"))


def plugin_names(typed: str, kind: str) -> Names:
    """Return the names of a plugin that its author calls ``typed``; case, hyphens and a first restorekit do not count.

    Args:
        typed: What the author wants to call it.
        kind: The kind of its component.

    Raises:
        RestorekitError: It makes no name, or one that is taken.
    """
    name = re.sub(r"[-_. ]+", "_", typed.strip().lower()).removeprefix("restorekit_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise RestorekitError(
            f"'{typed}' cannot be the name of a plugin",
            "begin with a letter and use a to z, digits and _, such as lens_dust",
        )
    names = Names(name)
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or keyword.iskeyword(names.cls):
        raise RestorekitError(f"'{name}' is a word of Python itself", "choose another name")
    for point in entry_points(group=GROUP, name=name):
        owner = point.dist.name if point.dist else "another distribution"
        raise RestorekitError(f"plugin '{name}' is there already, from {owner}", "choose another name")
    if name in registry(kind):
        owner = registry(kind).entry(name).owner
        raise RestorekitError(f"{kind} '{name}' is there already, from {owner}", "choose another name")
    return names
