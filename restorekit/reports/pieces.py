"""The pieces of a report, as recipes state them: each a table or a figure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from restorekit.recipe.schema import Many, Positive, Restorer, Table


class Piece(Table):
    """A table or a figure of a report."""

    format: Annotated[Literal[1], Field(validation_alias="schema")] = 1
    """The version of this format."""
    show: str
    """What it is: table, curve, sheet, time or trained."""
    title: str
    """What stands above it."""
    note: str = ""
    """What stands below it."""
    tests: Annotated[Many[str], Field(min_length=1)]
    """The test sets, by the names of their files in the same folder."""


class ScoreTable(Piece):
    """The mean of each metric, a row for each restorer."""

    show: Literal["table"]
    """What makes it this."""
    metrics: Many[str] = ()
    """Which of the metrics of the test sets; all, if left out."""
    clear: bool = False
    """Whether the sharp pictures have a row, too."""
    methods: Annotated[Many[Restorer], Field(validation_alias="restorer")] = ()
    """Methods with keys of their own, a row for each below the usual ones."""


class Curve(Piece):
    """Each metric against the first number that pictures are grouped by, such as the size of the kernel."""

    show: Literal["curve"]
    """What makes it this."""
    metrics: Many[str] = ()
    """Which of the metrics of the test sets; all, if left out."""


class Sheet(Piece):
    """Pictures: degraded, restored by each restorer, sharp."""

    show: Literal["sheet"]
    """What makes it this."""
    pictures: Positive = 4
    """How many pairs of each test set."""
    trained: str = ""
    """A piece of trained recipes, whose networks restore the pictures in place of the usual restorers."""


class TimeTable(Piece):
    """Seconds for a picture, a row for each restorer: warm, without loading, one picture at a time."""

    show: Literal["time"]
    """What makes it this."""
    pictures: Positive = 10
    """How many pictures, the first of the test set; it begins again where it has fewer."""
    networks: Many[str] = ()
    """Recipes whose network is timed as well, with fresh weights: how long it takes does not depend on them."""
    against: str = ""
    """The row whose time is 1; that of a restorer, or of one of ``networks``."""


class TrainedTable(Piece):
    """Recipes that are trained alike, then scored: a row for each."""

    show: Literal["trained"]
    """What makes it this."""
    recipes: str
    """A folder of recipes for training, or the name of a shipped one, as `restorekit ablate` takes it."""
    rows: Annotated[Many[str], Field(min_length=1)]
    """Which of them, by their names."""
    steps: Positive
    """Steps of the longest recipe of the folder; all are shortened by the same factor."""
    set: Many[str] = ()
    """``key=value`` each, changes to those recipes."""
    metrics: Many[str] = ()
    """Which of the metrics of the test sets; all, if left out."""


PIECES: dict[str, type[Piece]] = {
    "table": ScoreTable,
    "curve": Curve,
    "sheet": Sheet,
    "time": TimeTable,
    "trained": TrainedTable,
}
"""The models of pieces, by what they show."""
