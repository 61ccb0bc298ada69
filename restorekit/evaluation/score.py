"""Score test pairs, before and after each of several restorers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts.metric import apply_metric
from restorekit.errors import BundleError, ImageError, RestorekitError
from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.protocol import Groups, MetricStep
from restorekit.restore.enlarge import enlarged
from restorekit.restore.steady import Steady

if TYPE_CHECKING:
    from restorekit.contracts import Array, Measure, Metric, Restorer

INPUT = "input"
"""What rows call the degraded picture itself."""


@dataclass(frozen=True)
class Row:
    """What one restorer made of one degraded picture, or the degraded picture itself, in numbers.

    Attributes:
        image: Name of the picture.
        version: Number of its degraded version.
        groups: What the scores are grouped by, such as ``size`` and ``law`` of the kernel.
        restorer: The restorer's name; ``input`` for the degraded picture itself.
        values: What was measured, by the metric's name; not a number where it could not be.
    """

    image: str
    version: int
    groups: Groups
    restorer: str
    values: Mapping[str, float]


def score_pairs(
    pairs: Iterable[Pair],
    restorers: Mapping[str, Restorer],
    metrics: Mapping[str, MetricStep],
    batch: int = 32,
) -> Iterator[Row]:
    """Score each pair, in order: the degraded picture, then what each restorer makes of it.

    A degraded picture that is smaller than its truth is enlarged by cubic convolution to be scored itself.

    Args:
        pairs: Pairs of sharp and degraded pictures.
        restorers: What restores, by name; with none, only the degraded pictures are scored.
        metrics: What is measured, by name.
        batch: Pictures restored at once; a batch holds pictures of one size only.

    Raises:
        RestorekitError: A metric or a restorer needs what the pairs do not have, or a metric cannot be built.
        BundleError: A restorer gives values that are not finite, or pictures of another size.
    """
    scorer = Scorer(metrics)
    number = 0
    for some in _batches(pairs, restorers, batch):
        if number == 0:
            check_fit(some[0], restorers, metrics)
        restored = {name: restore_8_bit(restorer, some, name) for name, restorer in restorers.items()}
        for n, pair in enumerate(some):
            yield scorer.row(number, pair, INPUT, enlarged(pair.degraded, pair.scale))
            for name, pictures in restored.items():
                yield scorer.row(number, pair, name, pictures[n])
            number += 1


def of_output_alone(metric: Metric) -> bool:
    """Whether a metric compares with the degraded picture, so that it says nothing of that picture itself."""
    return "degraded" in metric.needs and "target" not in metric.needs


class Scorer:
    """Metrics that are ready to measure.

    Args:
        metrics: What is measured, by name.

    Raises:
        RestorekitError: A metric cannot be built.
    """

    def __init__(self, metrics: Mapping[str, MetricStep]) -> None:
        self._steps = metrics
        self._measures: dict[str, Measure] = {name: step.metric.build() for name, step in metrics.items()}

    def row(self, number: int, pair: Pair, restorer: str, picture: Array) -> Row:
        """Measure a picture.

        Args:
            number: The number of the pair, which decides whether a metric of every Nth pair is measured.
            pair: The pair.
            restorer: Who made the picture; ``input`` if it is the degraded one, enlarged if need be.
            picture: H,W,3 uint8 RGB.
        """
        facts = pair.facts()
        values = {
            name: float(apply_metric(step.metric, self._measures[name], picture, facts))
            for name, step in self._steps.items()
            if number % step.every == 0 and not (restorer == INPUT and of_output_alone(step.metric))
        }
        return Row(pair.image, pair.version, pair.groups, restorer, values)


def check_fit(pair: Pair, restorers: Mapping[str, Restorer], metrics: Mapping[str, MetricStep]) -> None:
    """See that a pair has all that restorers and metrics need of it.

    Raises:
        RestorekitError: It has not, or a restorer enlarges by another factor.
    """
    known = pair.facts()
    for name, restorer in restorers.items():
        if restorer.footprint.scale != pair.scale:
            raise RestorekitError(
                f"restorer '{name}' enlarges by {restorer.footprint.scale}, and this test set shrinks by {pair.scale}",
                "use a test set and a restorer of the same scale",
            )
    asking = [(f"metric '{name}'", measure.metric.needs) for name, measure in metrics.items()]
    asking += [(f"restorer '{name}'", restorer.needs) for name, restorer in restorers.items()]
    for who, needs in asking:
        for need in needs:
            if need not in known:
                has = ", ".join(sorted(known.keys() - {"target", "degraded"})) or "nothing but pictures"
                raise RestorekitError(
                    f"{who} needs '{need}', which this test set does not give",
                    f"leave it out, or use a test set that does; this one has {has}",
                )


def _batches(pairs: Iterable[Pair], restorers: Mapping[str, Restorer], size: int) -> Iterator[Sequence[Pair]]:
    """Gather pairs whose pictures, and whatever else a restorer needs of them, stack."""
    needs = sorted({need for restorer in restorers.values() for need in restorer.needs})
    some: list[Pair] = []
    shapes: Any = None
    for pair in pairs:
        facts = pair.facts()
        shape = [pair.degraded.shape, *(np.shape(facts.get(need, 0)) for need in needs)]
        if some and (len(some) == size or shape != shapes):
            yield some
            some = []
        some.append(pair)
        shapes = shape
    if some:
        yield some


def restore_8_bit(restorer: Restorer, pairs: Sequence[Pair], name: str) -> Array:
    """Restore the degraded pictures of pairs of one size, with what the restorer needs of what was drawn.

    One that states a largest tile gets larger pictures in such tiles, as where photos are restored.

    Returns:
        N,H,W,3 uint8, of the restorer's scale, rounded and clipped.

    Raises:
        BundleError: The restorer, which is called ``name``, gives values that are not finite, or memory does not
            suffice.
    """
    tile = restorer.footprint.tile
    if tile is not None and max(pairs[0].degraded.shape[:2]) > tile and not restorer.needs:
        return _in_tiles(restorer, pairs, name)
    import torch

    images = torch.from_numpy(np.stack([pair.degraded for pair in pairs])).permute(0, 3, 1, 2).float() / 255
    needed = {
        need: torch.from_numpy(np.stack([pair.facts()[need] for pair in pairs])).float()
        for need in restorer.needs
    }
    with torch.inference_mode():
        restored = restorer.restore(images, **needed)
    if not restored.isfinite().all():
        raise BundleError(
            f"{name} gives values that are not finite on {pairs[0].image}",
            "its training has diverged; use another",
        )
    pixels: Array = restored.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return pixels


def _in_tiles(restorer: Restorer, pairs: Sequence[Pair], name: str) -> Array:
    steady = Steady(restorer)
    try:
        return np.concatenate([steady.pixels(pair.degraded[None]) for pair in pairs])
    except ImageError as error:
        raise BundleError(f"{name} on {pairs[0].image}: {error.message}", error.hint) from None
