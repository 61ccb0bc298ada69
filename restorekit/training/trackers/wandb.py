"""Weights & Biases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit.contracts import Board, TrackedRun, Tracker

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class WandB(Tracker):
    """Weights & Biases: your account there, or ``wandb/`` in the run directory. A resumed run becomes a second one."""

    package: ClassVar[str] = "wandb"
    offline: ClassVar[str] = "set WANDB_MODE=offline"

    def start(self, run: TrackedRun) -> Board:
        """Log in and open the project."""
        wandb: Any = import_module("wandb")
        return _Board(
            wandb.init(
                project=run.project, name=run.folder.name, dir=str(run.folder), config=dict(run.recipe)
            )
        )


class _Board(Board):
    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def picture(self, name: str, picture: Array, step: int) -> None:
        self._run.log({name: import_module("wandb").Image(picture)}, step=step)

    def finish(self) -> None:
        self._run.finish()
