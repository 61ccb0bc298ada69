"""Trackio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit.contracts import Board, TrackedRun, Tracker

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Trackio(Tracker):
    """Trackio, on this machine. A resumed run goes on as it is; pictures are not shown."""

    package: ClassVar[str] = "trackio"

    def start(self, run: TrackedRun) -> Board:
        """Open the project."""
        trackio: Any = import_module("trackio")
        return _Board(
            trackio.init(project=run.project, name=run.folder.name, resume="allow", config=dict(run.recipe))
        )


class _Board(Board):
    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def picture(self, name: str, picture: Array, step: int) -> None:
        pass

    def finish(self) -> None:
        self._run.finish()
