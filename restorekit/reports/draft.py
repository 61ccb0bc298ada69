"""A piece in the making: what is gathered from one test set after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from restorekit.evaluation.report import Result
from restorekit.reports.origin import origin
from restorekit.reports.pieces import Piece
from restorekit.reports.section import Grid, Image, Section


@dataclass
class Draft:
    """A section that is being made.

    Attributes:
        name: The name of its recipe.
        piece: The recipe.
    """

    name: str
    piece: Piece
    grids: list[Grid] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _results: dict[str, Result] = field(default_factory=dict)
    _dates: set[str] = field(default_factory=set)
    _devices: set[str] = field(default_factory=set)
    _failed: bool = False

    def note(self, *lines: str) -> None:
        """Say something, once."""
        self._notes += [line for line in lines if line not in self._notes]

    def measured(self, test: str, result: Result, dates: Iterable[str], devices: Iterable[str]) -> None:
        """Say what was measured on a test set, when, and what computed."""
        self._results[test] = result
        self._dates.update(dates)
        self._devices.update(devices)

    def failures(self, failed: dict[str, str]) -> None:
        """Say what could not be made, and why."""
        self.note(*(f"{name} failed: {why}" for name, why in failed.items()))
        self._failed |= bool(failed)

    def section(self, command: str) -> Section:
        """Return what was made, by ``command``."""
        notes = [self.piece.note, *self._notes] if self.piece.note else self._notes
        lines = origin(command, self._results, sorted(self._dates), sorted(self._devices))
        return Section(self.name, self.piece.title, self.grids, self.images, notes, lines, self._failed)
