"""Score test pairs, before and after each of several restorers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import BundleError
from restorekit.evaluation.consistency import colour_shift, reblur
from restorekit.evaluation.pairs import Pair

if TYPE_CHECKING:
    from restorekit.contracts import Array, Measure, Metric, Restorer

REBLUR_EVERY = 23
"""Reblurring costs ten times the other scores. 23 shares no factor with 80, so every kernel has its turn."""


@dataclass(frozen=True)
class Output:
    """What a restorer made of one pair.

    Attributes:
        metrics: The metrics of the restored picture, by name.
        shift: Mean of restored minus degraded in R, G, B, in grey levels of 255.
        reblur: As `restorekit.evaluation.consistency.REBLUR` defines it, where it was measured.
    """

    metrics: Mapping[str, float]
    shift: tuple[float, ...]
    reblur: float | None = None


@dataclass(frozen=True)
class Score:
    """What one pair scored.

    Attributes:
        image: Name of the picture.
        size: Support size of its kernel, in pixels.
        law: The law that the kernel was drawn from.
        input: The metrics of the degraded picture, by name.
        outputs: What each restorer made of it, by the restorer's name.
    """

    image: str
    size: int
    law: str
    input: Mapping[str, float]
    outputs: Mapping[str, Output] = field(default_factory=dict)


def score_pairs(
    pairs: Iterable[Pair],
    restorers: Mapping[str, Restorer],
    metrics: Mapping[str, Metric],
    batch: int = 32,
) -> Iterator[Score]:
    """Score each pair, in order.

    Args:
        pairs: Pairs of sharp and degraded pictures.
        restorers: What restores, by name; with none, only the degraded pictures are scored.
        metrics: The metrics by name.
        batch: Pictures restored at once; a batch holds pictures of one size only.

    Raises:
        BundleError: A restorer gives values that are not finite.
    """
    number, measures = count(), {name: metric.build() for name, metric in metrics.items()}
    for some in _batches(pairs, batch):
        restored = {name: restore_8_bit(restorer, some, name) for name, restorer in restorers.items()}
        for n, pair in enumerate(some):
            exact = next(number) % REBLUR_EVERY == 0
            yield Score(
                pair.image,
                pair.size,
                pair.law,
                {name: measure(pair.degraded, pair.sharp) for name, measure in measures.items()},
                {name: _output(pair, pictures[n], measures, exact) for name, pictures in restored.items()},
            )


def _output(pair: Pair, restored: Array, measures: Mapping[str, Measure], with_reblur: bool) -> Output:
    return Output(
        {name: measure(restored, pair.sharp) for name, measure in measures.items()},
        shift=tuple(colour_shift(restored, pair.degraded).tolist()),
        reblur=reblur(restored, pair.degraded, pair.size) if with_reblur else None,
    )


def _batches(pairs: Iterable[Pair], size: int) -> Iterator[list[Pair]]:
    some: list[Pair] = []
    for pair in pairs:
        if some and (len(some) == size or some[0].degraded.shape != pair.degraded.shape):
            yield some
            some = []
        some.append(pair)
    if some:
        yield some


def restore_8_bit(restorer: Restorer, pairs: Sequence[Pair], name: str) -> Array:
    """Restore the degraded pictures of pairs of one size.

    Returns:
        N,H,W,3 uint8, rounded and clipped.

    Raises:
        BundleError: The restorer, which is called ``name``, gives values that are not finite.
    """
    import torch

    images = torch.from_numpy(np.stack([pair.degraded for pair in pairs])).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        restored = restorer.restore(images)
    if not restored.isfinite().all():
        raise BundleError(
            f"{name} gives values that are not finite on {pairs[0].image}",
            "its training has diverged; use another",
        )
    pixels: Array = restored.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return pixels
