"""Which files are clips, and what restores them."""

from __future__ import annotations

import functools
from contextlib import suppress
from pathlib import Path
from typing import cast

from restorekit.contracts import Container
from restorekit.errors import PluginError
from restorekit.images import RAW_SUFFIXES, SUFFIXES
from restorekit.plugins import registry


@functools.cache
def containers() -> tuple[Container, ...]:
    """Return what restores files of many pictures; a plugin that does not load brings none."""
    found = []
    for entry in registry("container"):
        with suppress(PluginError):
            found.append(cast(Container, entry.resolve()()))
    return tuple(found)


def clip_suffixes() -> tuple[str, ...]:
    """Return the endings of files that are clips and never still pictures, in lower case."""
    return tuple(
        dict.fromkeys(suffix for each in containers() for suffix in each.suffixes if suffix not in SUFFIXES)
    )


def endings() -> tuple[str, ...]:
    """Return the endings of all files that can be written: pictures, and clips."""
    return (*SUFFIXES, *clip_suffixes())


def readable() -> tuple[str, ...]:
    """Return the endings of all files that can be read: those, and camera raw."""
    return (*endings(), *RAW_SUFFIXES)


def takes() -> str:
    """Say what files can be read."""
    return f"it takes {', '.join(endings())} and camera raw such as .dng"


def container_of(path: Path) -> Container | None:
    """Return what restores a file, by its ending, and by its head where stills end so too; None for a still picture."""
    suffix = path.suffix.lower()
    for each in containers():
        if suffix in each.suffixes and (suffix not in SUFFIXES or each.holds(path)):
            return each
    return None
