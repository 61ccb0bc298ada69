"""The batches of a run, stage by stage."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from restorekit.data.loader import RawBatch, batches, collate, share
from restorekit.data.samples import stage_samples
from restorekit.recipe import Recipe
from restorekit.training.processes import Processes
from restorekit.training.spans import Span
from restorekit.training.waiting import WaitingTime


class Feed:
    """Loads this process's part of each batch, and notes what could not be read and how long it was waited for.

    Args:
        recipe: What to load.
        processes: Who shares each batch.

    Attributes:
        waiting: How long the device has waited for batches.
        unreadable: What is wrong with the images that others took the place of, since it was last taken.

    Raises:
        RestorekitError: The processes cannot share a batch evenly, or the images, crops or augmentations of a stage
            cannot be used.
    """

    def __init__(self, recipe: Recipe, processes: Processes) -> None:
        stages = recipe.stages
        for stage in stages:
            share(stage.batch, processes.count)
        self._processes, self._workers = processes, recipe.data.workers
        self._samples = [stage_samples(recipe, stage) for stage in stages]
        for samples in self._samples:
            samples[0]
        self.waiting = WaitingTime(processes.device)
        self.unreadable: list[str] = []

    def first(self, span: Span) -> RawBatch:
        """Return the first sample of a stage alone."""
        return collate([self._samples[span.number][0]])

    def load(self, span: Span, taken: int, count: int) -> Generator[RawBatch]:
        """Yield the batches of ``count`` steps of a stage, after ``taken`` steps of the run."""
        return batches(
            self._samples[span.number],
            first=span.sample_after(taken),
            count=count,
            batch=span.stage.batch,
            workers=self._workers,
            process=self._processes.index,
            processes=self._processes.count,
            pin=self._processes.device.type == "cuda",
        )

    def rest(self, span: Span, taken: int) -> Iterator[RawBatch]:
        """Yield the batches of a stage that are left after ``taken`` steps of the run."""
        for raw in self.waiting.over(self.load(span, taken, span.end - taken)):
            self.unreadable += raw.unreadable
            yield raw

    def take_unreadable(self) -> list[str]:
        """Return what all processes noted since this was last asked."""
        found, self.unreadable = self._processes.gather(self.unreadable), []
        return found
