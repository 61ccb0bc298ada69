"""The training loop; it reads from top to bottom."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

from restorekit.bundle import save_bundle
from restorekit.data.loader import batches
from restorekit.data.samples import stage_samples
from restorekit.device import resolve_device
from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.training.balance import BATCHES
from restorekit.training.interrupt import Interrupt
from restorekit.training.log import Log
from restorekit.training.optim import make_schedule
from restorekit.training.run import check_run, write_recipe, write_run
from restorekit.training.skipped import Skipped
from restorekit.training.state import read_state, save_state
from restorekit.training.trainer import Trainer
from restorekit.training.validate import Validator
from restorekit.training.waiting import Waiting


def train(
    recipe: Recipe,
    run: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    init: str | Path | None = None,
    overwrite: bool = False,
) -> Path:
    """Train a recipe and return the path of the bundle.

    The run directory holds the resolved recipe, log.jsonl, sample sheets, the state to resume from and the bundle;
    and skipped.txt, if there are images that could not be read.
    On SIGINT or SIGTERM the step in hand is finished and the state saved before KeyboardInterrupt is raised.

    Args:
        recipe: What ``load_recipe`` returned.
        run: The run directory.
        device: auto, cpu, cuda, cuda:1 or mps.
        resume: Go on from the newest state in ``run``.
        init: A bundle whose weights to start from.
        overwrite: Start anew in a directory that holds a run.

    Raises:
        RestorekitError: The run directory, the data, the bundle or the device does not allow it.
    """
    settings, parts = recipe.settings, recipe.parts
    if (processes := int(os.environ.get("WORLD_SIZE", "1"))) > 1:  # they would all write one run directory
        raise RestorekitError(f"{processes} processes train one run", "start train without torchrun")
    place, folder = resolve_device(device), Path(run)
    if resume and init is not None:
        raise RestorekitError("--resume and --init exclude each other", "leave one out")
    check_run(folder, resume=resume, overwrite=overwrite)
    samples = [stage_samples(recipe, stage) for stage in parts.stages]
    for each in samples:
        each[0]  # what is wrong with images, crops or augmentations is said before anything is written
    validator = Validator(recipe, place, folder / "samples") if settings.validation else None
    trainer = Trainer(recipe, place, init)
    step, metrics = 0, {}
    if resume:
        state = read_state(folder / "state")
        step, metrics = state["step"], state["metrics"]
        trainer.load_state(state)
    write_run(folder, recipe, trainer.weights, resume=resume)
    total = sum(stage.steps for stage in parts.stages)
    skipped, waiting = Skipped(folder / "skipped.txt"), Waiting(place)

    with (
        Log(folder / "log.jsonl", step, total) as log,
        Interrupt(signal.SIGINT, signal.SIGTERM) as interrupt,
    ):
        if resume and place.type != "cpu":
            log.say(
                f"resumed on {place}: the draws are the same as without a stop, the weights not to the bit"
            )
        begin = seen = 0
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
                pin=place.type == "cuda",
            )
            unknown = [term.name for term in trainer.terms(stage) if trainer.weights[term.name] is None]
            if unknown and step < end:
                trainer.balance(load(first=seen, count=min(BATCHES, stage.steps)), stage)
                write_recipe(folder, recipe, trainer.weights)
                found = ", ".join(f"{name} has weight {trainer.weights[name]}" for name in unknown)
                log.say(f"balanced: {found}")

            for drawn in waiting.over(load(first=seen + (step - begin) * stage.batch, count=end - step)):
                schedule.step_update(step - begin)
                terms = trainer.step(drawn, stage, step)
                step += 1
                trainer.average(step)

                log.step(terms, stage.batch)
                skipped.add(drawn.unreadable)
                save = step % settings.train.save_every == 0 or step == total or interrupt.asked
                line = step % settings.train.log_every == 0 or step == end or save
                if line:
                    lr = trainer.optimizer.param_groups[0]["lr"]
                    log.line(step, number, lr, waiting.taken())
                if validator and (step % settings.train.validate_every == 0 or step == total):
                    metrics = validator(trainer.averaged, step)
                    skipped.add(validator.unreadable)
                    log.write({"step": step, "validation": metrics})
                    log.say(f"step {step}: PSNR {metrics['psnr']:.2f} dB (input {metrics['psnr_input']:.2f})")
                if line and (news := skipped.news()):
                    log.say(news)
                if save:  # the bundle first: a run that ends here has both
                    save_bundle(
                        folder / "bundle",
                        recipe,
                        trainer.averaged,
                        weights=trainer.weights,
                        metrics=metrics,
                        steps=step,
                    )
                    save_state(folder / "state", {"step": step, "metrics": metrics, **trainer.state()}, step)
                if interrupt.asked:
                    resuming = f"restorekit train {folder / 'recipe.toml'} -o {folder} --resume"
                    log.say(f"saved at step {step}; go on with: {resuming}")
                    raise KeyboardInterrupt
            begin, seen = end, seen + stage.steps * stage.batch
    return folder / "bundle"
