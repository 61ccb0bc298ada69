"""The training loop; it reads from top to bottom."""

from __future__ import annotations

import signal
from pathlib import Path

from restorekit.bundle import save_bundle
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, Samples
from restorekit.device import resolve_device
from restorekit.recipe import Recipe
from restorekit.training.balance import BATCHES
from restorekit.training.interrupt import Interrupt
from restorekit.training.log import Log
from restorekit.training.optim import make_schedule
from restorekit.training.run import check_run, write_recipe, write_run
from restorekit.training.state import load_state, save_state
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
) -> Path:
    """Train a recipe and return the path of the bundle.

    The run directory holds the resolved recipe, log.jsonl, sample sheets, the state to resume from and the bundle.
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
    place = resolve_device(device)
    len(parts.source)  # missing data is said before anything is written
    validator = Validator(recipe, place, Path(run) / "samples") if settings.validation else None
    folder = Path(run)
    check_run(folder, resume=resume, overwrite=overwrite)
    trainer = Trainer(recipe, place, init)
    step, metrics = 0, {}
    if resume:
        state = load_state(folder / "state")
        step = state["step"]
        metrics = state["metrics"]
        trainer.load_state(state)
    write_run(folder, recipe, trainer.weights, resume=resume)
    total = sum(stage.steps for stage in parts.stages)

    with (
        Log(folder / "log.jsonl", step, total) as log,
        Interrupt(signal.SIGINT, signal.SIGTERM) as interrupt,
    ):
        begin = seen = 0
        for number, stage in enumerate(parts.stages):
            end = begin + stage.steps
            samples = Samples(
                source=parts.source,
                seed=settings.seed,
                stream=DRAW,
                size=stage.size,
                crop=settings.data.crop,
                steps=stage.degradations,
                tasks=parts.tasks,
                augment=stage.augment,
            )
            warmup = settings.optim.warmup if number == 0 else 0
            schedule = make_schedule(
                trainer.optimizer, stage.schedule, lr=stage.lr, steps=stage.steps, warmup=warmup
            )
            loading = {"batch": stage.batch, "workers": settings.data.workers}
            unknown = [term.name for term in trainer.terms(stage) if trainer.weights[term.name] is None]
            if unknown and step < end:
                few = batches(samples, first=seen, count=min(BATCHES, stage.steps), **loading)
                trainer.balance(few, stage)
                write_recipe(folder, recipe, trainer.weights)
                log.say(
                    "balanced: " + ", ".join(f"{name} has weight {trainer.weights[name]}" for name in unknown)
                )

            first = seen + (step - begin) * stage.batch
            for drawn in batches(samples, first=first, count=end - step, **loading):
                schedule.step_update(step - begin)
                terms = trainer.step(drawn, stage)
                step += 1
                trainer.average(step)

                log.step(terms, stage.batch)
                last = step == total
                if step % settings.train.log_every == 0 or last:
                    log.line(step, number, trainer.optimizer.param_groups[0]["lr"])
                if validator and (step % settings.train.validate_every == 0 or last):
                    metrics = validator(trainer.averaged, step)
                    log.write({"step": step, "validation": metrics})
                    log.say(f"step {step}: PSNR {metrics['psnr']:.2f} dB (input {metrics['psnr_input']:.2f})")
                if step % settings.train.save_every == 0 or last or interrupt.asked:
                    save_state(folder / "state", {"step": step, "metrics": metrics, **trainer.state()}, step)
                    save_bundle(
                        folder / "bundle",
                        recipe,
                        trainer.averaged,
                        weights=trainer.weights,
                        metrics=metrics,
                        steps=step,
                        overwrite=True,
                    )
                if interrupt.asked:
                    log.say(f"saved at step {step} in {folder}; go on with --resume")
                    raise KeyboardInterrupt
            begin, seen = end, seen + stage.steps * stage.batch
    return folder / "bundle"
