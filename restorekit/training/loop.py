"""The training loop; it reads from top to bottom."""

from __future__ import annotations

import signal
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.bundle import save_bundle
from restorekit.data.loader import Drawn, batches, collate, share
from restorekit.data.samples import stage_samples
from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.recipe.build import Stage
from restorekit.training.balance import BATCHES
from restorekit.training.best import beats_best
from restorekit.training.exact import environment, exact, resumed
from restorekit.training.failures import explained
from restorekit.training.guard import save_inputs
from restorekit.training.interrupt import Interrupt
from restorekit.training.lock import locked
from restorekit.training.log import Log
from restorekit.training.optim import make_schedule
from restorekit.training.processes import Processes, local_device
from restorekit.training.run import (
    changes,
    check_optimizers,
    check_run,
    write_recipe,
    write_run,
)
from restorekit.training.skipped import Skipped
from restorekit.training.state import read_state, save_state
from restorekit.training.track import Trackers, check_trackers
from restorekit.training.trainer import Trainer
from restorekit.training.validate import Validator
from restorekit.training.waiting import Waiting

if TYPE_CHECKING:
    import torch


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
    On SIGINT or SIGTERM the step in hand is finished and the state saved before KeyboardInterrupt is raised.
    Where torchrun started several processes they share each batch; the first one writes and speaks for all.

    Args:
        recipe: What ``load_recipe`` returned.
        run: The run directory.
        device: auto, cpu, cuda, cuda:1 or mps.
        resume: Go on from the newest state in ``run``.
        init: A bundle whose weights to start from.
        overwrite: Start anew in a directory that holds a run.
        deterministic: Compute the same bits each time, also on a GPU, or not at all; slower.

    Raises:
        RestorekitError: The run directory, the data, the bundle or the device does not allow it, the memory or the
            disk is full, or the loss is no number any more; the last saved state is then as it was.
    """
    place, folder = local_device(device), Path(run)
    if resume and (init is not None or overwrite):
        other = "--overwrite" if overwrite else "--init"
        raise RestorekitError(f"--resume and {other} exclude each other", "leave one out")
    processes = Processes(place)
    for stage in recipe.parts.stages:
        share(stage.batch, processes.count)
    with exact(deterministic), explained(recipe), locked(folder) if processes.main else nullcontext():
        if processes.main:
            check_run(folder, resume=resume, overwrite=overwrite)
        processes.wait()
        _train(recipe, folder, place, processes, resume=resume, init=init)
        processes.wait()
    return folder / "bundle"


def _train(
    recipe: Recipe,
    folder: Path,
    place: torch.device,
    processes: Processes,
    *,
    resume: bool,
    init: str | Path | None,
) -> None:
    settings, parts, main = recipe.settings, recipe.parts, processes.main
    check_trackers(settings.train.track)
    samples = [stage_samples(recipe, stage) for stage in parts.stages]
    for each in samples:
        each[0]  # what is wrong with images, crops or augmentations is said before anything is written
    validator = Validator(recipe, place, folder / "samples") if settings.validation and main else None
    if resume:
        check_optimizers(changes(folder, recipe), folder)
    trainer = Trainer(recipe, place, init)
    for stage, each in zip(
        parts.stages, samples, strict=True
    ):  # or a run would end where a late stage begins
        trainer.try_losses(collate([each[0]]), stage)
    step, metrics, remarks, now = 0, {}, [], environment(place, processes.count)
    if resume:
        state = read_state(folder / "state")
        step, metrics = state["step"], state["metrics"]
        trainer.load_state(state)
        remarks = [f"changed since the run began: {key}" for key in changes(folder, recipe, trainer.weights)]
        remarks += resumed(place, state.get("environment", {}), now)
    if processes.count > 1 and place.type == "cpu" and trainer.has_batch_norm:
        remarks.append('on CPUs batch norm sees its process\'s part of a batch: norm = "group" sees no batch')
    processes.wait()  # all have read what is now written
    if main:
        write_run(folder, recipe, trainer.weights, now, resume=resume)
    keep = partial(save_bundle, recipe=recipe, module=trainer.averaged, weights=trainer.weights)
    total = sum(stage.steps for stage in parts.stages)
    skipped, waiting = Skipped(folder / "skipped.txt"), Waiting(place)

    with (
        Trackers(
            settings.train.track if main else (), folder, settings.name, recipe.table(), step
        ) as trackers,
        Log(
            folder / "log.jsonl" if main else None,
            step,
            [stage.steps for stage in parts.stages],
            trackers,
            processes,
        ) as log,
        Interrupt(signal.SIGINT, signal.SIGTERM) as interrupt,
    ):
        for remark in remarks:
            log.say(remark)
        begin = seen = 0
        unreadable: list[str] = []
        for number, stage in enumerate(parts.stages):
            end = begin + stage.steps
            schedule = make_schedule(
                trainer.optimizer,
                stage.schedule,
                lr=stage.lr,
                steps=stage.steps,
                warmup=settings.optim.warmup,
            )
            load = partial(
                batches,
                samples[number],
                batch=stage.batch,
                workers=settings.data.workers,
                process=processes.index,
                processes=processes.count,
                pin=place.type == "cuda",
            )
            unknown = [term.name for term in trainer.terms(stage) if trainer.weights[term.name] is None]
            if unknown and step < end:
                trainer.balance(load(first=seen, count=min(BATCHES, stage.steps)), stage)
                if main:
                    write_recipe(folder, recipe, trainer.weights)
                found = ", ".join(f"{name} has weight {trainer.weights[name]}" for name in unknown)
                log.say(f"balanced: {found}")

            for drawn in waiting.over(load(first=seen + (step - begin) * stage.batch, count=end - step)):
                schedule.step_update(step - begin)
                save = (step + 1) % settings.train.save_every == 0 or step + 1 == total
                line = (step + 1) % settings.train.log_every == 0 or step + 1 == end or save
                terms, norms = trainer.step(drawn, stage, step, watch=line)
                step += 1
                trainer.average(step)

                log.step(terms, norms, stage.batch, number)
                unreadable += drawn.unreadable
                asked = processes.any(interrupt.asked)
                save, line = save or asked, line or asked
                if line:
                    lr = trainer.optimizer.param_groups[0]["lr"]
                    log.line(step, number, lr, waiting.taken(), trainer.guard.skipped)
                    everyones, unreadable = processes.gather(unreadable), []
                    skipped.add(everyones if main else ())
                if line or place.type == "cpu":
                    _check_skipped(trainer, drawn, stage, step, folder)
                if line:
                    trainer.guard.watch(number, step)
                if validator and (step % settings.train.validate_every == 0 or step == total):
                    metrics = validator(trainer.averaged, step)
                    skipped.add(validator.unreadable)
                    log.write({"step": step, "validation": metrics})
                    log.say(f"step {step}: PSNR {metrics['psnr']:.2f} dB (input {metrics['psnr_input']:.2f})")
                    trackers.picture("samples", validator.sheet, step)
                    if beats_best(folder / "best", metrics):
                        keep(folder / "best", metrics=metrics, steps=step)
                if line and (news := skipped.news()):
                    log.say(news)
                if save and main:  # the bundle first: a run that ends here has both
                    state = trainer.state(step)
                    keep(folder / "bundle", metrics=metrics, steps=step)
                    tree = {"step": step, "metrics": metrics, "environment": now, **state}
                    save_state(folder / "state", tree, step, settings.train.keep)
                if asked:
                    resuming = f"restorekit train {folder / 'recipe.toml'} -o {folder} --resume"
                    log.say(f"saved at step {step}; go on with: {resuming}")
                    processes.wait()  # or the launcher would end the one that saves as soon as another has ended
                    raise KeyboardInterrupt
            begin, seen = end, seen + stage.steps * stage.batch


def _check_skipped(trainer: Trainer, drawn: Drawn, stage: Stage, step: int, folder: Path) -> None:
    """End the run, leaving what the last step saw, if too many steps in a row were left out."""
    if not trainer.guard.at_an_end:
        return
    processes = trainer.processes
    file = folder / f"not-finite-{step:08d}-{processes.index}.safetensors"
    save_inputs(file, trainer.inputs(drawn, stage), step)
    processes.wait()  # until each has written its part
    raise RestorekitError(
        f"the loss or its gradient was not finite in {trainer.guard.in_a_row} steps in a row, up to step {step}; "
        f"{file} holds what that one saw, and the last saved state is from before",
        "resume with a smaller optim.lr, with optim.warmup or with optim.clip",
    )
