"""Score test pairs, before and after a restorer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import BundleError
from restorekit.evaluate.consistency import colour_shift, reblur
from restorekit.evaluate.protocol import Pair

if TYPE_CHECKING:
    from restorekit.contracts import Array, Metric, Restorer

REBLUR_EVERY = 23
"""Reblurring costs ten times the other scores. 23 shares no factor with 80, so every kernel has its turn."""


@dataclass(frozen=True)
class Score:
    """What one pair scored.

    Attributes:
        image: Name of the picture.
        size: Support size of its kernel, in pixels.
        input: The metrics of the degraded picture, by name.
        output: Those of the restored one; None without a restorer.
        shift: Mean of restored minus degraded in R, G, B, in grey levels of 255; None without a restorer.
        reblur: As `restorekit.evaluate.consistency.REBLUR` defines it, where it was measured.
    """

    image: str
    size: int
    input: Mapping[str, float]
    output: Mapping[str, float] | None = None
    shift: tuple[float, ...] | None = None
    reblur: float | None = None


def score_pairs(
    pairs: Iterable[Pair], restorer: Restorer | None, metrics: Mapping[str, Metric], batch: int = 32
) -> Iterator[Score]:
    """Score each pair, in order.

    Args:
        pairs: Pairs of sharp and degraded pictures.
        restorer: What restores; None scores the degraded pictures only.
        metrics: The metrics by name.
        batch: Pictures restored at once; a batch holds pictures of one size only.

    Raises:
        BundleError: The restorer gives values that are not finite.
    """
    for n, (pair, restored) in enumerate(_restored(pairs, restorer, batch)):
        before = {name: metric(pair.degraded, pair.sharp) for name, metric in metrics.items()}
        if restored is None:
            yield Score(pair.image, pair.size, before)
            continue
        yield Score(
            pair.image,
            pair.size,
            before,
            output={name: metric(restored, pair.sharp) for name, metric in metrics.items()},
            shift=tuple(colour_shift(restored, pair.degraded).tolist()),
            reblur=reblur(restored, pair.degraded, pair.size) if n % REBLUR_EVERY == 0 else None,
        )


def _restored(
    pairs: Iterable[Pair], restorer: Restorer | None, batch: int
) -> Iterator[tuple[Pair, Array | None]]:
    waiting: list[Pair] = []
    for pair in pairs:
        if restorer is None:
            yield pair, None
            continue
        if waiting and (len(waiting) == batch or waiting[0].degraded.shape != pair.degraded.shape):
            yield from zip(waiting, _restore_8_bit(restorer, waiting), strict=True)
            waiting = []
        waiting.append(pair)
    if restorer is not None and waiting:
        yield from zip(waiting, _restore_8_bit(restorer, waiting), strict=True)


def _restore_8_bit(restorer: Restorer, pairs: list[Pair]) -> Array:
    """Restore the degraded pictures of pairs of one size: N,H,W,3 uint8, rounded and clipped."""
    import torch

    images = torch.from_numpy(np.stack([pair.degraded for pair in pairs])).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        restored = restorer(images)
    if not restored.isfinite().all():
        raise BundleError(
            f"the model gives values that are not finite on {pairs[0].image}",
            "its training has diverged; use another",
        )
    pixels: Array = restored.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return pixels
