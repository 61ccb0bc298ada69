"""Training: the loop, from top to bottom."""

from __future__ import annotations

from pathlib import Path

from restorekit.extras import need
from restorekit.recipe import Recipe
from restorekit.training.balance import BATCHES
from restorekit.training.exact import exact
from restorekit.training.failures import explained
from restorekit.training.feed import Feed
from restorekit.training.interrupt import Interrupt
from restorekit.training.processes import Processes, local_device
from restorekit.training.refusal import Refusal
from restorekit.training.run import Run
from restorekit.training.spans import due, spans
from restorekit.training.trackers import find_trackers
from restorekit.training.trainer import Trainer
from restorekit.training.validate import Validator


def train(
    recipe: Recipe,
    run: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    init: str | Path | None = None,
    overwrite: bool = False,
    deterministic: bool = False,
) -> Path:
    """Train a recipe and return the path of the bundle.

    The run directory holds the resolved recipe, log.jsonl, sample sheets, the state to resume from and the bundle;
    and skipped.txt, if there are images that could not be read.
    On SIGINT, SIGTERM or SIGHUP the step in hand is finished and the state saved before KeyboardInterrupt is raised.
    Where torchrun started several processes they share each batch; the first one writes and speaks for all.

    Args:
        recipe: What ``load_recipe`` returned.
        run: The run directory.
        device: auto, cpu, cuda, cuda:1 or mps.
        resume: Go on from the newest state in ``run``.
        init: A bundle whose weights to start from; not with ``resume``.
        overwrite: Take the place of a run that the directory holds; not with ``resume``.
        deterministic: Compute the same bits each time, also on a GPU, or not at all; slower.

    Raises:
        RestorekitError: The run directory, the data, the bundle or the device does not allow it, the memory or the
            disk is full, or the loss is no number any more; the last saved state is then as it was. Or the extra
            ``train`` is not installed.
    """
    need("train", "training")
    if resume and init is not None:
        raise Refusal("resume and init cannot be used together", "leave one out", "resume", "init")
    processes, folder = Processes(local_device(device)), Path(run)
    place = Run(folder, processes, resume=resume, overwrite=overwrite)
    with exact(deterministic), explained(recipe), Interrupt() as interrupt, place as directory:
        # What is wrong with images, losses or weights is said before anything is written.
        trackers = find_trackers(recipe.train.track if processes.main else ())
        feed = Feed(recipe, processes)
        validates = recipe.validation and processes.main
        validator = Validator(recipe, processes.device, folder / "samples") if validates else None
        trainer = Trainer(recipe, processes, init)
        for span in spans(recipe.stages):
            trainer.try_stage(span, feed.first(span))
        directory.begin(trainer, validator, trackers)
        interrupt.hold()
        _loop(directory, trainer, feed, interrupt)
    return folder / "bundle"


def _loop(run: Run, trainer: Trainer, feed: Feed, interrupt: Interrupt) -> None:
    """Take the steps that are left.

    Raises:
        KeyboardInterrupt: A signal asked for a stop; the state is saved.
    """
    settings = trainer.recipe.train
    for span in spans(trainer.recipe.stages):
        if trainer.taken >= span.end:
            continue
        trainer.enter(span)
        if trainer.auto:
            found = trainer.balance(feed.load(span, span.begin, min(BATCHES, span.stage.steps)))
            run.balanced(trainer, found)
        for raw in feed.rest(span, trainer.taken):
            watch = due(trainer.taken + 1, span, settings).line
            terms, norms = trainer.step(raw, watch=watch)
            run.count(terms, norms, span)
            stop = trainer.processes.any(interrupt.asked)
            now = due(trainer.taken, span, settings, stop)
            if now.line:
                run.line(trainer, feed, span)
            run.check(trainer, raw, span, line=now.line)
            if now.validation:
                run.validate(trainer)
            if now.save:
                run.save(trainer)
            if stop:
                run.progress.say(f"saved at step {trainer.taken}")
                trainer.processes.wait()  # or the launcher would end the one that saves once another has ended
                raise KeyboardInterrupt
