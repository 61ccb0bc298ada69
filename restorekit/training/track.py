"""Trackers: TensorBoard, Trackio and Weights & Biases, through Accelerate."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from accelerate.tracking import GeneralTracker

    from restorekit.contracts import Array


def check_trackers(names: Sequence[str]) -> None:
    """See that the packages of trackers are installed.

    Raises:
        RestorekitError: One is not.
    """
    for name in names:
        if find_spec(name) is None:
            raise RestorekitError(
                f"tracker '{name}' is not installed", f"run pip install 'restorekit[{name}]', or leave it out"
            )


class Trackers:
    """Trackers of one run, within a ``with`` block.

    Args:
        names: ``tensorboard``, ``trackio`` and ``wandb``, as many as wanted.
        folder: The run directory; TensorBoard's files go to ``tensorboard/`` in it, those of W&B to ``wandb/``.
        project: What the recipe is called, and so the project; the run is called as its directory.
        recipe: The recipe's keys.
        step: Steps already taken; what TensorBoard shows of later ones is dropped.
    """

    def __init__(
        self, names: Sequence[str], folder: Path, project: str, recipe: Mapping[str, Any], step: int
    ) -> None:
        self._trackers = [_tracker(name, folder, project, step) for name in names]
        self._recipe = recipe

    def __enter__(self) -> Trackers:
        for tracker in self._trackers:
            try:
                with redirect_stdout(sys.stderr):  # where words belong; stdout is for data
                    tracker.start()
            except Exception as error:  # theirs are of many kinds: no account, no network, no room
                reason = " ".join(str(error).split())[:200]
                hint = (
                    "leave it out, or set WANDB_MODE=offline" if tracker.name == "wandb" else "leave it out"
                )
                raise RestorekitError(f"tracker '{tracker.name}' does not start: {reason}", hint) from error
            if tracker.name != "tensorboard":  # which knows no more than a flat table of numbers
                tracker.store_init_configuration(dict(self._recipe))
        return self

    def __exit__(self, *error: object) -> None:
        for tracker in self._trackers:
            with redirect_stdout(sys.stderr):
                tracker.finish()

    def log(self, record: Mapping[str, Any]) -> None:
        """Pass on a record of log.jsonl; ``{"terms": {"l1/image/0": x}}`` becomes ``terms/l1/image/0``."""
        values = {name: value for name, value in _flat(record).items() if name != "step"}
        for tracker in self._trackers:
            tracker.log(values, step=record["step"])

    def picture(self, name: str, picture: Array, step: int) -> None:
        """Show H,W,3 uint8 RGB, in the trackers that take pictures from Accelerate: not in Trackio."""
        for tracker in self._trackers:
            options = {"dataformats": "NHWC"} if tracker.name == "tensorboard" else {}
            if hasattr(tracker, "log_images"):
                tracker.log_images({name: picture[None]}, step=step, **options)


def _tracker(name: str, folder: Path, project: str, step: int) -> GeneralTracker:
    from accelerate.tracking import TensorBoardTracker, TrackioTracker, WandBTracker

    if name == "tensorboard":
        return TensorBoardTracker(name, folder, purge_step=step + 1)
    if name == "trackio":
        return TrackioTracker(project, name=folder.name, resume="allow")
    return WandBTracker(project, name=folder.name, dir=folder)


def _flat(table: Mapping[str, Any], at: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in table.items():
        found |= _flat(value, f"{at}{key}/") if isinstance(value, Mapping) else {f"{at}{key}": value}
    return found
