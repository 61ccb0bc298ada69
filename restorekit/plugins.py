"""The plugin host: finds plugins by entry point, loads each in isolation, and fills the registries."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from restorekit import builtin
from restorekit.errors import PluginError, one_line
from restorekit.hookspecs import GROUP, hookspecs
from restorekit.kinds import KINDS
from restorekit.registries import Registry


@dataclass(frozen=True)
class Plugin:
    """A plugin that loaded: its entry-point name, distribution and version."""

    name: str
    distribution: str
    version: str


@dataclass(frozen=True)
class Failure:
    """A plugin that did not load, and why."""

    name: str
    distribution: str
    version: str
    error: str

    def __str__(self) -> str:
        return f"plugin '{self.name}' of {self.distribution} {self.version} is skipped: {self.error}"


@dataclass
class Host:
    """Everything the installed plugins registered, and the plugins that failed."""

    registries: dict[str, Registry[Any]] = field(default_factory=lambda: {k: Registry(k) for k in KINDS})
    loaded: list[Plugin] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs())
        self.register(builtin, "builtin", GROUP)

    def register(self, plugin: object, name: str, owner: str) -> None:
        """Register ``plugin`` (a module or object with hookimpls): all of its names, or none.

        Raises:
            PluginError: A name is taken by another distribution, or a hook is not one of ours.
        """
        staged: list[tuple[str, str, str | type]] = []
        self._manager.register(plugin, name=f"{owner}:{name}")  # two owners may call theirs alike
        try:
            others = [p for p in self._manager.get_plugins() if p is not plugin]
            unknown = [
                implementation.function.__name__
                for caller in self._manager.get_hookcallers(plugin) or []
                if not caller.has_spec()
                for implementation in caller.get_hookimpls()
                if implementation.plugin is plugin and not implementation.optionalhook
            ]
            if unknown:
                raise PluginError(
                    f"unknown hook '{unknown[0]}'",
                    "the plugin may need a newer restorekit; known: "
                    + ", ".join(kind.hook for kind in KINDS.values()),
                )
            for kind in KINDS:
                call = self._manager.subset_hook_caller(KINDS[kind].hook, others)
                call(register=lambda n, target, kind=kind: staged.append((kind, n, target)))
            fresh = {kind: Registry[Any](kind) for kind in KINDS}
            for kind, taken in self.registries.items():
                for entry in taken:
                    fresh[kind].add(entry.name, entry.target, entry.owner)
            for kind, n, target in staged:
                fresh[kind].add(n, target, owner)
        except BaseException:
            self._manager.unregister(plugin)
            raise
        self.registries.update(fresh)

    def load(self, points: Iterable[EntryPoint], *, strict: bool = False) -> None:
        """Load each entry point on its own; a broken one is recorded, and raised only if ``strict``."""
        for point in points:
            distribution = point.dist.name if point.dist else "an unknown distribution"
            version = point.dist.version if point.dist else "?"
            try:
                self.register(point.load(), point.name, distribution)
            except (Exception, SystemExit) as error:
                if strict:
                    raise
                message = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
                self.failures.append(Failure(point.name, distribution, version, " ".join(message.split())))
            else:
                self.loaded.append(Plugin(point.name, distribution, version))


def _allowed(points: Iterable[EntryPoint], names: str | None) -> list[EntryPoint]:
    """Keep what RESTOREKIT_PLUGINS allows, our own distribution first so that it is never the one refused."""
    wanted = None if names is None else {name.strip() for name in names.split(",")}
    kept = [point for point in points if wanted is None or point.name in wanted]
    return sorted(kept, key=lambda p: (p.dist is None or p.dist.name != GROUP, p.name))


@functools.cache
def host() -> Host:
    """Return the host with the installed plugins loaded, once per process.

    ``RESTOREKIT_PLUGINS`` limits loading to the entry points named in it (none if empty), and
    ``RESTOREKIT_STRICT_PLUGINS=1`` raises what a broken plugin raises instead of skipping it.
    """
    found = Host()
    points = _allowed(entry_points(group=GROUP), os.environ.get("RESTOREKIT_PLUGINS"))
    found.load(points, strict=os.environ.get("RESTOREKIT_STRICT_PLUGINS") == "1")
    for failure in found.failures:
        print(one_line(f"restorekit: {failure}"), file=sys.stderr)
    return found


def registry(kind: str) -> Registry[Any]:
    """Return the registry of one kind (``network``, ``loss`` …)."""
    return host().registries[kind]
