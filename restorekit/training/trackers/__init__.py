"""Where the records of a run are shown in addition to log.jsonl."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Board, TrackedRun, Tracker
from restorekit.errors import RestorekitError, brief
from restorekit.recipe.part import part_name

if TYPE_CHECKING:
    from restorekit.contracts import Array


def find_trackers(trackers: Sequence[Tracker]) -> dict[str, Tracker]:
    """Return trackers by name.

    Raises:
        RestorekitError: The package of one is not installed.
    """
    found = {part_name("tracker", tracker): tracker for tracker in trackers}
    for name, tracker in found.items():
        if tracker.package and find_spec(tracker.package) is None:
            raise RestorekitError(
                f"tracker '{name}' is not installed",
                f"run pip install {tracker.package}, or leave it out",
            )
    return found


class Boards:
    """The boards of one run, within a ``with`` block.

    Args:
        trackers: The trackers, by name.
        run: What they show.

    Raises:
        RestorekitError: One does not start.
    """

    def __init__(self, trackers: Mapping[str, Tracker], run: TrackedRun) -> None:
        self._trackers, self._run = trackers, run
        self._boards: list[Board] = []

    def __enter__(self) -> Boards:
        with ExitStack() as stack, redirect_stdout(sys.stderr):  # where words belong; stdout is for data
            for name, tracker in self._trackers.items():
                try:
                    self._boards.append(tracker.start(self._run))
                except Exception as error:  # theirs are of many kinds: no account, no network, no room
                    hint = " or ".join(filter(None, ("leave it out", tracker.offline)))
                    raise RestorekitError(f"tracker '{name}' does not start: {brief(error)}", hint) from error
                stack.callback(self._boards[-1].finish)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        with redirect_stdout(sys.stderr):
            self._stack.close()

    def log(self, record: Mapping[str, Any]) -> None:
        """Pass on a record of log.jsonl; ``{"terms": {"l1/image/0": x}}`` becomes ``terms/l1/image/0``."""
        values = {name: value for name, value in _flat(record).items() if name != "step"}
        for board in self._boards:
            board.log(values, record["step"])

    def picture(self, name: str, picture: Array, step: int) -> None:
        """Show H,W,3 uint8 RGB."""
        for board in self._boards:
            board.picture(name, picture, step)


def _flat(table: Mapping[str, Any], at: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in table.items():
        found |= _flat(value, f"{at}{key}/") if isinstance(value, Mapping) else {f"{at}{key}": value}
    return found
