"""Training as its data allow, and on batches that lie ready in turn with a plain loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING, cast

from restorekit.bench.device import count_flops, matmul_rate, peak_memory, reset_peak, synchronize
from restorekit.bench.plain import PlainLoop
from restorekit.data.loader import RawBatch
from restorekit.recipe import Recipe
from restorekit.training.feed import Feed
from restorekit.training.processes import Processes
from restorekit.training.spans import Span, spans
from restorekit.training.trainer import Trainer

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

    def __init__(self, step: Callable[[RawBatch], Tensor], device: torch.device) -> None:
        self._step, self._device = step, device
        self.seconds: list[float] = []
        """Of each run."""
        self.objectives: list[Tensor] = []
        """Of each step."""
        self.peak: int | None = None
        """Most bytes in use within the last run."""

    def run(self, given: Iterable[RawBatch]) -> None:
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

    processes, span = Processes(device), spans(recipe.stages)[stage]
    part, feed = span.stage, Feed(recipe, processes)
    held = list(feed.load(span, span.begin, HELD))
    trained, waited = _with_data(_trainer(recipe, span, processes, held), feed, span, steps)
    trainer = _trainer(recipe, span, processes, held)
    ours = Runner(lambda raw: _step(trainer, raw), device)
    ours.run(held[:WARM])
    before = torch.cuda.memory_allocated(device) if device.type == "cuda" else 0
    plain = PlainLoop(trainer.recipe, span, device)
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
    precision, images = trainer.compute.precision, steps // BLOCKS * part.batch
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


def _trainer(recipe: Recipe, span: Span, processes: Processes, held: list[RawBatch]) -> Trainer:
    """Return what trains a stage from its first step on."""
    trainer = Trainer(recipe, processes)
    trainer.enter(span)
    trainer.taken = span.begin
    if trainer.auto:
        trainer.balance(held)
    return trainer


def _step(trainer: Trainer, raw: RawBatch) -> Tensor:
    """Take a step as ``restorekit train`` does; return the generator's objective."""
    terms, _ = trainer.step(raw)
    return cast("Tensor", sum(value for name, value in terms.items() if not name.endswith("/discriminator")))


def _with_data(trainer: Trainer, feed: Feed, span: Span, steps: int) -> tuple[Runner, float]:
    """Train with batches as they come from the workers; also return the seconds for which they were waited for."""
    runner = Runner(lambda raw: _step(trainer, raw), trainer.compute.device)
    count = steps // BLOCKS * BLOCKS
    supply = feed.waiting.over(feed.load(span, span.begin, WARM + count))
    runner.run(islice(supply, WARM))
    feed.waiting.taken()
    runner.run(supply)
    return runner, feed.waiting.taken()
