"""Trackers: what shows the numbers and pictures of a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts.array import Array


@dataclass(frozen=True)
class TrackedRun:
    """What a tracker knows of a run when it starts.

    Attributes:
        folder: The run directory; the run is called as it is.
        project: The recipe's name, and so the project's.
        recipe: The recipe's keys.
        step: Steps already taken; those after it will be shown again.
    """

    folder: Path
    project: str
    recipe: Mapping[str, Any]
    step: int


class Board(ABC):
    """What shows one run while it lasts."""

    @abstractmethod
    def log(self, values: Mapping[str, float], step: int) -> None:
        """Show numbers by name, such as ``terms/l1/image/0``."""

    @abstractmethod
    def picture(self, name: str, picture: Array, step: int) -> None:
        """Show H,W,3 uint8 RGB."""

    @abstractmethod
    def finish(self) -> None:
        """Bring everything where it belongs; nothing comes after it."""


class Tracker(ABC):
    """A place that shows runs, in addition to log.jsonl."""

    package: ClassVar[str] = ""
    """The package that it needs, where that need not be installed."""

    offline: ClassVar[str] = ""
    """What to do where it cannot be reached, in a few words; may be empty."""

    @abstractmethod
    def start(self, run: TrackedRun) -> Board:
        """Begin to show a run; whatever this raises ends the run before it begins, with one line."""
