"""TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit.contracts import Board, TrackedRun, Tracker

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class TensorBoard(Tracker):
    """Files in ``tensorboard/`` of the run directory, for TensorBoard. A resumed run goes on in them."""

    package: ClassVar[str] = "tensorboard"

    def start(self, run: TrackedRun) -> Board:
        """Open the files; what they show of later steps is dropped."""
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(str(run.folder / "tensorboard"), purge_step=run.step + 1)
        return _Board(writer)


class _Board(Board):
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def log(self, values: Mapping[str, float], step: int) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def picture(self, name: str, picture: Array, step: int) -> None:
        self._writer.add_image(name, picture, step, dataformats="HWC")

    def finish(self) -> None:
        self._writer.close()
