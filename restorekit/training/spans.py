"""Where each stage lies in a run, and what is due after a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restorekit.recipe import Stage, Train


@dataclass(frozen=True)
class Span:
    """A stage in its place.

    Attributes:
        number: Which stage it is, from 0.
        stage: The stage.
        begin: Steps of the run before its first.
        sample: Position of its first sample.
        last: Whether the run ends with it.
    """

    number: int
    stage: Stage
    begin: int
    sample: int
    last: bool

    @property
    def end(self) -> int:
        """Steps of the run up to its last."""
        return self.begin + self.stage.steps

    def sample_after(self, taken: int) -> int:
        """Return the position of the first sample of the step after ``taken`` steps of the run."""
        return self.sample + (taken - self.begin) * self.stage.batch


def spans(stages: Sequence[Stage]) -> list[Span]:
    """Lay the stages of a recipe end to end."""
    found: list[Span] = []
    begin = sample = 0
    for number, stage in enumerate(stages):
        found.append(Span(number, stage, begin, sample, number + 1 == len(stages)))
        begin, sample = found[-1].end, sample + stage.steps * stage.batch
    return found


@dataclass(frozen=True)
class Agenda:
    """What is due after a step: a line in the log, a validation, a saved state; with a state always a line."""

    line: bool
    validation: bool
    save: bool


def due(step: int, span: Span, train: Train, stop: bool = False) -> Agenda:
    """Return what is due.

    Args:
        step: Steps taken, that one included.
        span: The stage it belongs to.
        train: How often the recipe wants what.
        stop: Whether the run is to stop now.
    """
    end = span.last and step == span.end
    save = stop or end or step % train.save_every == 0
    return Agenda(
        line=save or step == span.end or step % train.log_every == 0,
        validation=end or step % train.validate_every == 0,
        save=save,
    )
