"""A registry maps the names that recipes use to classes, each resolved on first use."""

from __future__ import annotations

import difflib
import importlib
import importlib.resources
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from restorekit.errors import PluginError, UnknownNameError

T = TypeVar("T")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the closest of ``known``, or the list of all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    return "known: " + (", ".join(known) or "none")


@dataclass(frozen=True)
class Entry:
    """One registered name: its target (a class or ``"module:Attr"``) and the distribution that owns it."""

    name: str
    target: str | type
    owner: str

    def resolve(self) -> type:
        """Import and return the class; a failure names the owner."""
        if isinstance(self.target, type):
            return self.target
        module, _, attribute = self.target.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise PluginError(
                f"'{self.name}' of {self.owner} does not load from {self.target}: {error}",
                "restorekit doctor shows the plugins and their versions",
            ) from error
        return cast(type, found)

    def path(self) -> Path:
        """Return the file or folder that ``"package:path"`` names; a failure names the owner."""
        package, _, inner = str(self.target).partition(":")
        try:
            found = Path(str(importlib.resources.files(package))) / inner
        except (ImportError, TypeError, ValueError) as error:
            raise PluginError(
                f"'{self.name}' of {self.owner} does not load from {self.target}: {error}",
                "restorekit doctor shows the plugins and their versions",
            ) from error
        if not found.exists():
            raise PluginError(
                f"'{self.name}' of {self.owner} is not at {self.target}", f"{self.owner} lacks a file"
            )
        return found


class Registry(Generic[T]):
    """The components of one kind, by name.

    Args:
        kind: The kind in the singular, as recipes and messages call it (``network``).
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def add(self, name: str, target: str | type, owner: str) -> None:
        """Register ``name``; a name already taken is an error naming both owners."""
        taken = self._entries.get(name)
        if taken:
            raise PluginError(
                f"{self.kind} '{name}' is claimed by both {taken.owner} and {owner}",
                "uninstall one of them, or choose with RESTOREKIT_PLUGINS",
            )
        if isinstance(target, str) and not all(target.partition(":")):
            raise PluginError(f"{self.kind} '{name}' of {owner} has target '{target}'", "write 'module:Attr'")
        self._entries[name] = Entry(name, target, owner)

    def entry(self, name: str) -> Entry:
        """Return the entry for ``name``; an unknown name is an error with the closest known one."""
        try:
            return self._entries[name]
        except KeyError:
            hint = did_you_mean(name, self._entries)
            raise UnknownNameError(f"unknown {self.kind} '{name}'", hint) from None

    def get(self, name: str) -> type[T]:
        """Import and return the class registered as ``name``."""
        return cast("type[T]", self.entry(name).resolve())

    def name_of(self, cls: type) -> str:
        """Return the name that a class is registered by; one that nobody registered is an error."""
        targets = (cls, f"{cls.__module__}:{cls.__qualname__}")
        for entry in self:
            if entry.target in targets:
                return entry.name
        raise UnknownNameError(
            f"{cls.__qualname__} is not a registered {self.kind}", "register it in a plugin"
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)
