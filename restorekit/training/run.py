"""A run: its directory with the lock, the log, the states and the bundles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from restorekit.bundle import save_bundle
from restorekit.contracts import TrackedRun, Tracker
from restorekit.data.loader import RawBatch
from restorekit.errors import RestorekitError
from restorekit.training.best import beats_best
from restorekit.training.exact import environment, resumed
from restorekit.training.feed import Feed
from restorekit.training.folder import RECIPE, changes, check_optimizers, check_start, empty, sweep
from restorekit.training.guard import save_inputs
from restorekit.training.lock import locked
from restorekit.training.log import Log
from restorekit.training.processes import Processes
from restorekit.training.progress import Progress
from restorekit.training.refusal import Refusal
from restorekit.training.skipped import SkipList
from restorekit.training.spans import Span
from restorekit.training.state import read_state, save_state
from restorekit.training.trackers import Boards
from restorekit.training.trainer import Trainer
from restorekit.training.validate import Validator
from restorekit.whole import write_whole


class Run:
    """A run in its directory, within a ``with`` block; of several processes the first alone writes and speaks.

    Args:
        folder: The directory.
        processes: Who trains together.
        resume: Go on from the newest state in it.
        overwrite: Take the place of a run in it.

    Raises:
        RestorekitError: Another process holds the directory, or what it holds does not allow this.
    """

    def __init__(self, folder: Path, processes: Processes, *, resume: bool, overwrite: bool) -> None:
        if resume and overwrite:
            raise Refusal(
                "resume and overwrite cannot be used together", "leave one out", "resume", "overwrite"
            )
        self.folder, self._processes = folder, processes
        self._resume, self._overwrite = resume, overwrite
        self._metrics: dict[str, float] = {}
        self._environment: Mapping[str, Any] = {}

    def __enter__(self) -> Run:
        with ExitStack() as stack:
            if self._processes.main:
                stack.enter_context(locked(self.folder))
                check_start(self.folder, resume=self._resume, overwrite=self._overwrite)
                sweep(self.folder)
            self._processes.wait()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        if kind is None:
            self._processes.wait()  # what the first one writes is there when another returns
        self._stack.__exit__(kind, error, tb)

    def begin(self, trainer: Trainer, validator: Validator | None, trackers: Mapping[str, Tracker]) -> None:
        """Take up the newest state, or remove an earlier run; write what the run is, and open the log.

        Raises:
            RestorekitError: The state does not fit the recipe, the directory cannot be written, or a tracker does not
                start.
        """
        main, recipe = self._processes.main, trainer.recipe
        self._validator = validator
        self._environment = environment(self._processes.device, self._processes.count)
        remarks = self._restore(trainer) if self._resume else []
        if (
            self._processes.count > 1
            and self._processes.device.type == "cpu"
            and trainer.networks.has_batch_norm
        ):
            remarks.append(
                'on CPUs batch norm sees its process\'s part of a batch: norm = "group" sees no batch'
            )
        self._processes.wait()  # all have read what is now written
        if main:
            self._write(trainer)
        self._skipped = SkipList(self.folder / "skipped.txt")
        stages = [stage.steps for stage in recipe.stages]
        self.progress = self._stack.enter_context(Progress(stages, trainer.taken, quiet=not main))
        about = TrackedRun(self.folder, recipe.name, recipe.table(), trainer.taken)
        self._boards = self._stack.enter_context(Boards(trackers, about))
        file = self.folder / "log.jsonl" if main else None
        self._log = Log(file, trainer.taken, self._boards, self._processes)
        for remark in remarks:
            self.progress.say(remark)

    def _restore(self, trainer: Trainer) -> list[str]:
        check_optimizers(changes(self.folder, trainer.recipe), self.folder)
        state = read_state(self.folder / "state")
        self._metrics = state["metrics"]
        trainer.load_state(state)
        before, now = state.get("environment", {}), self._environment
        return [
            *(f"changed since the run began: {key}" for key in changes(self.folder, trainer.recipe)),
            *resumed(self._processes.device, before, now),
        ]

    def _write(self, trainer: Trainer) -> None:
        try:
            if not self._resume:
                empty(self.folder)
            write_whole(self.folder / RECIPE, trainer.recipe.dumps().encode())
            text = json.dumps(self._environment, indent=2) + "\n"
            write_whole(self.folder / "environment.json", text.encode())
        except OSError as error:
            raise Refusal(f"cannot write {self.folder}: {error}", "choose another directory", "run") from None

    def balanced(self, trainer: Trainer, weights: Mapping[str, float]) -> None:
        """Note the loss weights that were found: in the recipe, and on the terminal."""
        if self._processes.main:
            write_whole(self.folder / RECIPE, trainer.recipe.dumps().encode())
        found = ", ".join(f"{name} has weight {weight}" for name, weight in weights.items())
        self.progress.say(f"balanced: {found}")

    def count(self, terms: Mapping[str, Any], norms: Mapping[str, Any], span: Span) -> None:
        """Count a step: its loss terms, and the norms of its gradient."""
        self._log.step(terms, norms, span.stage.batch)
        self.progress.step(span.number)

    def line(self, trainer: Trainer, feed: Feed, span: Span) -> None:
        """Write a line of the log, and list what could not be read."""
        record = self._log.line(
            trainer.taken, span.number, trainer.lr, feed.waiting.taken(), trainer.guard.skipped
        )
        self.progress.show(record)
        unreadable = feed.take_unreadable()
        if self._processes.main:
            self._skipped.add(unreadable)
            if news := self._skipped.news():
                self.progress.say(news)

    def check(self, trainer: Trainer, raw: RawBatch, span: Span, *, line: bool) -> None:
        """End the run if it is spoilt; a GPU, which would have to be waited for, is asked only at a line.

        Raises:
            RestorekitError: Too many steps in a row were left out, and what the last one saw is written; or the loss
                has exploded.
        """
        guard, step = trainer.guard, trainer.taken
        if (line or self._processes.device.type == "cpu") and guard.at_an_end:
            file = self.folder / f"not-finite-{step:08d}-{self._processes.index}.safetensors"
            save_inputs(file, trainer.inputs(raw), step)
            self._processes.wait()  # until each has written its part
            raise RestorekitError(
                f"the loss or its gradient was not finite in {guard.in_a_row} steps in a row, up to step {step}; "
                f"{file} holds what that one saw, and the last saved state is from before",
                "resume with a smaller optim.lr, with optim.warmup or with optim.clip",
            )
        if line:
            guard.watch(span.number, step)

    def validate(self, trainer: Trainer) -> None:
        """Validate, if the recipe says on what; the best weights so far are kept as ``best``."""
        if not self._validator:
            return
        metrics = self._metrics = self._validator(trainer.networks.averaged, trainer.taken)
        self._skipped.add(self._validator.unreadable)
        self._log.write({"step": trainer.taken, "validation": metrics})
        self._boards.picture("samples", self._validator.sheet, trainer.taken)
        self.progress.say(
            f"step {trainer.taken}: PSNR {metrics['psnr']:.2f} dB (input {metrics['psnr_input']:.2f})"
        )
        if beats_best(self.folder / "best", metrics):
            self._keep("best", trainer)

    def save(self, trainer: Trainer) -> None:
        """Write the bundle and the state: the bundle first, so that a run that ends here has both.

        Raises:
            RestorekitError: A weight is not finite, or the disk is full; the last saved state is as it was.
        """
        if not self._processes.main:
            return
        state = {"metrics": self._metrics, "environment": self._environment, **trainer.state()}
        self._keep("bundle", trainer)
        keep = trainer.recipe.train.keep
        save_state(self.folder / "state", state, trainer.taken, keep)

    def _keep(self, name: str, trainer: Trainer) -> None:
        save_bundle(
            self.folder / name,
            trainer.recipe,
            trainer.networks.averaged,
            metrics=self._metrics,
            steps=trainer.taken,
        )
