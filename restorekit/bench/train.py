"""Training as its data allow, and on batches that lie ready in turn with a plain loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING, cast

from restorekit.bench.device import count_flops, matmul_rate, peak_memory, reset_peak, synchronize
from restorekit.bench.plain import PlainLoop
from restorekit.data.loader import Drawn, batches
from restorekit.data.samples import stage_samples
from restorekit.recipe import Recipe
from restorekit.recipe.build import Stage
from restorekit.training.trainer import Trainer
from restorekit.training.waiting import Waiting

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WARM = 3
"""Steps before anything is timed: what compiles, tunes itself or fills a queue does so in them."""

BLOCKS = 5
"""How often the two loops take turns."""

HELD = 8
"""Batches that lie ready for both."""


@dataclass(frozen=True)
class TrainingSpeed:
    """What ``bench train`` found. Rates of operations are in TFLOP/s, of products and convolutions alone.

    Attributes:
        device: Where it was measured.
        threads: Threads that a CPU computes with.
        precision: What the training computes in.
        batch: Images in a step.
        images_per_s: Of the training with its data.
        data_wait: The share of that time that the device waited for data.
        images_per_s_held: Of the training on batches that lie ready.
        images_per_s_plain: Of the plain fp32 loop on the same batches.
        speedup: How much faster the training is than the plain loop: the median over pairs of blocks.
        loss_difference: The largest relative difference of their objectives, step by step from the same start.
        tflop_per_step: 1e12 operations of one step, forward and backward.
        tflops: Rate of the training on batches that lie ready.
        tflops_plain: Rate of the plain loop.
        matmul_tflops: Rate of the product of two large matrices in the training's precision.
        matmul_tflops_fp32: And in fp32.
        matmul_share: ``tflops`` as a share of ``matmul_tflops``.
        peak_bytes: Most memory in use by the training: of the GPU, else of the process; None if unknown.
        peak_bytes_plain: By the plain loop; None where only the process's is known.
    """

    device: str
    threads: int
    precision: str
    batch: int
    images_per_s: float
    data_wait: float
    images_per_s_held: float
    images_per_s_plain: float
    speedup: float
    loss_difference: float
    tflop_per_step: float
    tflops: float
    tflops_plain: float
    matmul_tflops: float
    matmul_tflops_fp32: float
    matmul_share: float
    peak_bytes: int | None
    peak_bytes_plain: int | None


class Runner:
    """A loop under the clock.

    Args:
        step: Takes a batch, returns the objective.
        device: Where it computes.
    """

    def __init__(self, step: Callable[[Drawn], Tensor], device: torch.device) -> None:
        self._step, self._device = step, device
        self.seconds: list[float] = []
        """Of each run."""
        self.objectives: list[Tensor] = []
        """Of each step."""
        self.peak: int | None = None
        """Most bytes in use within the last run."""

    def run(self, given: Iterable[Drawn]) -> None:
        """Take a step with each batch."""
        synchronize(self._device)
        reset_peak(self._device)
        since = time.perf_counter()
        self.objectives += [self._step(drawn) for drawn in given]
        synchronize(self._device)
        self.seconds.append(time.perf_counter() - since)
        self.peak = peak_memory(self._device)


def bench_training(recipe: Recipe, device: torch.device, *, steps: int, stage: int = 0) -> TrainingSpeed:
    """Measure one stage of a recipe.

    Args:
        recipe: What to train.
        device: Where.
        steps: Steps of the training with its data, and of each loop in turn; rounded down to a multiple of 5.
        stage: Which stage, from 0.

    Raises:
        RestorekitError: The data or the device does not allow it.
    """
    import torch

    part = recipe.parts.stages[stage]
    trained, waited = _with_data(recipe, part, device, steps)
    held = _load(recipe, part, device, count=HELD)
    training = _Training(recipe, part, device)
    ours = Runner(training.step, device)
    ours.run(held[:WARM])
    before = torch.cuda.memory_allocated(device) if device.type == "cuda" else 0
    plain = PlainLoop(recipe, part, training.trainer.weights, device)
    theirs = Runner(plain.step, device)
    flops = count_flops(lambda: theirs.run(held[:1]))
    theirs.run(held[1:WARM])
    ours.seconds, theirs.seconds, block = [], [], steps // BLOCKS
    supply = cycle(held[WARM:] + held[:WARM])
    for _ in range(BLOCKS):
        given = list(islice(supply, block))
        ours.run(given)
        theirs.run(given)

    pairs = zip(ours.objectives, theirs.objectives, strict=True)
    precision, images = training.trainer.precision, steps // BLOCKS * part.batch
    rates = {name: matmul_rate(device, name) for name in {precision, "fp32"}}
    tflops, tflops_plain = (flops * block / median(loop.seconds) / 1e12 for loop in (ours, theirs))
    return TrainingSpeed(
        device=str(device),
        threads=torch.get_num_threads(),
        precision=precision,
        batch=part.batch,
        images_per_s=images * BLOCKS / trained.seconds[-1],
        data_wait=waited / trained.seconds[-1],
        images_per_s_held=images / median(ours.seconds),
        images_per_s_plain=images / median(theirs.seconds),
        speedup=median(b / a for a, b in zip(ours.seconds, theirs.seconds, strict=True)),
        loss_difference=max(abs(float(a - b)) / max(abs(float(b)), 1e-12) for a, b in pairs),
        tflop_per_step=flops / 1e12,
        tflops=tflops,
        tflops_plain=tflops_plain,
        matmul_tflops=rates[precision],
        matmul_tflops_fp32=rates["fp32"],
        matmul_share=tflops / rates[precision],
        peak_bytes=trained.peak,
        peak_bytes_plain=theirs.peak - before if device.type == "cuda" and theirs.peak else None,
    )


class _Training:
    """What ``restorekit train`` does in a step of one stage."""

    def __init__(self, recipe: Recipe, stage: Stage, device: torch.device) -> None:
        self.trainer, self._stage, self._taken = Trainer(recipe, device), stage, 0
        if any(self.trainer.weights[term.name] is None for term in self.trainer.terms(stage)):
            self.trainer.balance(_load(recipe, stage, device, count=HELD), stage)

    def step(self, drawn: Drawn) -> Tensor:
        terms, _ = self.trainer.step(drawn, self._stage, self._taken)
        self._taken += 1
        self.trainer.average(self._taken)
        objective = sum(value for name, value in terms.items() if not name.endswith("/discriminator"))
        return cast("Tensor", objective).detach()


def _with_data(recipe: Recipe, stage: Stage, device: torch.device, steps: int) -> tuple[Runner, float]:
    """Train with batches as they come from the workers; also return the seconds for which they were waited for."""
    runner, waiting = Runner(_Training(recipe, stage, device).step, device), Waiting(device)
    count = steps // BLOCKS * BLOCKS
    supply = waiting.over(_batches(recipe, stage, device, WARM + count, recipe.settings.data.workers))
    runner.run(islice(supply, WARM))
    waiting.taken()
    runner.run(supply)
    return runner, waiting.taken()


def _load(recipe: Recipe, stage: Stage, device: torch.device, count: int) -> list[Drawn]:
    return list(_batches(recipe, stage, device, count, workers=0))


def _batches(
    recipe: Recipe, stage: Stage, device: torch.device, count: int, workers: int
) -> Generator[Drawn]:
    samples, pin = stage_samples(recipe, stage), device.type == "cuda"
    return batches(samples, first=0, count=count, batch=stage.batch, workers=workers, pin=pin)
