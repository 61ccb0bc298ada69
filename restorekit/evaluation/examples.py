"""A few pairs to look at: degraded, restored by each model, sharp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.pairs import Pairs
from restorekit.evaluation.run import Score, restore_8_bit
from restorekit.images import contact_sheet, reduced

if TYPE_CHECKING:
    from restorekit.contracts import Array, Restorer

ROWS = 8
LARGEST = 512
"""Pixels on a side above which a picture is shown reduced: the sheet of large ones would take gigabytes."""


def example_sheet(pairs: Pairs, scores: Sequence[Score], restorers: Mapping[str, Restorer]) -> Array:
    """Restore `ROWS` pairs and lay them out in rows, large ones reduced: degraded, what each model made of it, sharp.

    Args:
        pairs: The pairs.
        scores: What they scored, in order.
        restorers: The models, by name.

    Returns:
        H,W,3 uint8 RGB, with the names and each picture's PSNR in words.
    """
    psnr = PSNR()
    rows, captions = [], []
    for n in choose(scores):
        pair = pairs[n]
        restored = [restore_8_bit(restorer, [pair], name)[0] for name, restorer in restorers.items()]
        pictures = [pair.degraded, *restored, pair.sharp]
        rows.append([reduced(picture, LARGEST) for picture in pictures])
        names = [f"degraded, {pair.size} px", *restorers]
        values = [psnr(picture, pair.sharp) for picture in pictures[:-1]]
        words = [f"{name}\n{value:.2f} dB" for name, value in zip(names, values, strict=True)]
        captions.append([*words, f"sharp\n{pair.image}"])
    return contact_sheet(rows, captions)


def choose(scores: Sequence[Score]) -> list[int]:
    """Return the numbers of `ROWS` pairs that are spread evenly over the kernels, by size, and the pictures."""
    if len(scores) <= ROWS:
        return list(range(len(scores)))
    images = len({score.image for score in scores})
    kernels = len(scores) // images
    by_size = np.argsort([score.size for score in scores[:kernels]], kind="stable").tolist()
    chosen = []
    for row in range(ROWS):
        image = row * images // ROWS if images >= ROWS else row % images
        chosen.append(image * kernels + by_size[(2 * row + 1) * kernels // (2 * ROWS)])
    return chosen
