"""The training loop; it reads from top to bottom."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.bundle import load_weights, save_bundle
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, Samples
from restorekit.device import bf16_pays, resolve_device
from restorekit.recipe import Recipe
from restorekit.train.adversarial import Adversary
from restorekit.train.interrupt import Interrupt
from restorekit.train.log import Log
from restorekit.train.objective import content_terms, encode
from restorekit.train.optim import make_ema, make_optimizer, make_schedule
from restorekit.train.run import open_run
from restorekit.train.state import load_state, save_state
from restorekit.train.validate import Validator

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
    import torch

    settings, parts = recipe.settings, recipe.parts
    place = resolve_device(device)
    len(parts.source)  # missing data is said before anything is written
    validator = Validator(recipe, place, Path(run) / "samples") if settings.validation else None
    folder = open_run(recipe, Path(run), resume=resume, overwrite=overwrite)

    accelerator = _accelerator(place, settings.train.precision)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        module = parts.network.build(parts.tasks)
        if init is not None:
            load_weights(module, init)
        finest = parts.stages[-1].size
        adversaries = {
            term.name: Adversary(term, parts.tasks[term.tasks[0]].channels, finest, accelerator)
            for term in parts.terms
            if term.adversarial
        }
    optimizer = make_optimizer(module, settings.optim)
    module, optimizer = accelerator.prepare(module, optimizer)
    ema = make_ema(accelerator.unwrap_model(module), settings.train.ema)
    averaged = ema.module if ema else accelerator.unwrap_model(module)

    owners: dict[str, Any] = {"generator": accelerator.unwrap_model(module), "optimizer": optimizer}
    if ema:
        owners["ema"] = ema.module
    for name, adversary in adversaries.items():
        owners |= {f"{name}.discriminator": adversary.module, f"{name}.optimizer": adversary.optimizer}
    step = 0
    if resume:
        state = load_state(folder / "state")
        step = state.pop("step")
        for name, saved in state.items():
            owners[name].load_state_dict(saved)

    total = sum(stage.steps for stage in parts.stages)
    metrics: dict[str, float] = {}

    def save() -> None:
        tree = {name: owner.state_dict() for name, owner in owners.items()}
        save_state(folder / "state", tree | {"step": step}, step)
        save_bundle(folder / "bundle", recipe, averaged, metrics=metrics, steps=step, overwrite=True)

    with ExitStack() as stack:
        log = stack.enter_context(Log(folder / "log.jsonl", step, total))
        interrupt = stack.enter_context(Interrupt(signal.SIGINT, signal.SIGTERM))
        begin = seen = 0
        for number, stage in enumerate(parts.stages):
            end = begin + stage.steps
            if step < end:
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
                terms = [term for term in parts.terms if term.name in stage.losses]
                players = [adversaries[term.name] for term in terms if term.adversarial]
                warmup = settings.optim.warmup if number == 0 else 0
                schedule = make_schedule(optimizer, stage.schedule, lr=stage.lr, steps=stage.steps, warmup=warmup)
                first = seen + (step - begin) * stage.batch
                for drawn in batches(
                    samples, first=first, count=end - step, batch=stage.batch, workers=settings.data.workers
                ):
                    schedule.step_update(step - begin)
                    batch = degrade(drawn, stage.degradations, accelerator.device)
                    draws = to_device(drawn.draws, accelerator.device)
                    levels = encode(batch, parts.tasks, draws, parts.network.scales)
                    with accelerator.autocast():
                        outputs = module(levels.inputs)
                    outputs = {task: [level.float() for level in given] for task, given in outputs.items()}
                    shown = {}
                    for player in players:
                        name = f"{player.term.name}/discriminator"
                        shown[name] = player.discriminator_step(outputs, levels)
                    with accelerator.autocast():
                        losses = content_terms(outputs, levels, terms)
                        for player in players:
                            losses[f"{player.term.name}/{player.task}"] = player.generator_term(outputs, levels)
                    optimizer.zero_grad(set_to_none=True)
                    accelerator.backward(sum(losses.values()))
                    if settings.optim.clip:
                        accelerator.clip_grad_norm_(module.parameters(), settings.optim.clip)
                    optimizer.step()
                    step += 1
                    if ema:
                        ema.update(accelerator.unwrap_model(module), step)

                    log.step(losses | shown, stage.batch)
                    if step % settings.train.log_every == 0 or step == total:
                        log.line(step, number, optimizer.param_groups[0]["lr"])
                    if validator and (step % settings.train.validate_every == 0 or step == total):
                        metrics = validator(averaged, step)
                        log.write({"step": step, "validation": metrics})
                        log.say(f"step {step}: PSNR {metrics['psnr']:.2f} dB (input {metrics['psnr_input']:.2f})")
                    if step % settings.train.save_every == 0 or step == total or interrupt.asked:
                        save()
                    if interrupt.asked:
                        log.say(f"saved at step {step} in {folder}; go on with --resume")
                        raise KeyboardInterrupt
            begin, seen = end, seen + stage.steps * stage.batch
    return folder / "bundle"


def _accelerator(device: torch.device, precision: str) -> Any:
    from accelerate import Accelerator

    if precision == "auto":
        precision = "bf16" if bf16_pays(device) else "fp32"
    return Accelerator(cpu=device.type == "cpu", mixed_precision={"fp32": "no"}.get(precision, precision))
