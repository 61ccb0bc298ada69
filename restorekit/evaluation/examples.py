"""A few pairs to look at: degraded, restored by each model, sharp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from restorekit.evaluation.pairs import Pairs
from restorekit.evaluation.score import INPUT, Row, restore_8_bit
from restorekit.images import contact_sheet, reduced
from restorekit.restore.enlarge import enlarged

if TYPE_CHECKING:
    from restorekit.contracts import Array, Restorer

EXAMPLES = 8
LARGEST = 512
"""Pixels on a side above which a picture is shown reduced: the sheet of large ones would take gigabytes."""


def example_sheet(pairs: Pairs, rows: Sequence[Row], restorers: Mapping[str, Restorer]) -> Array:
    """Restore a few pairs and lay them out in rows, large ones reduced: degraded, what each model made of it, sharp.

    Args:
        pairs: The pairs.
        rows: What they scored, in order.
        restorers: The models, by name.

    Returns:
        H,W,3 uint8 RGB, with the names and the first metric of each picture in words.
    """
    metric = next(iter(pairs.metrics))
    unit = pairs.metrics[metric].metric.unit
    scored = {(row.image, row.version, row.restorer): row.values.get(metric) for row in rows}
    pictures, captions = [], []
    for n in choose([row for row in rows if row.restorer == INPUT]):
        pair = pairs[n]
        restored = [restore_8_bit(restorer, [pair], name)[0] for name, restorer in restorers.items()]
        row = [enlarged(pair.degraded, pair.scale), *restored, pair.sharp]
        pictures.append([reduced(each, LARGEST) for each in row])
        words = []
        for name in (INPUT, *restorers):
            value = scored.get((pair.image, pair.version, name))
            shown = ", ".join(map(str, pair.groups.values())) if name == INPUT else ""
            heading = f"degraded, {shown}" if shown else "degraded" if name == INPUT else name
            words.append(heading if value is None else f"{heading}\n{value:.2f} {unit}".rstrip())
        captions.append([*words, f"sharp\n{pair.image}"])
    return contact_sheet(pictures, captions)


def choose(rows: Sequence[Row]) -> list[int]:
    """Return the numbers of a few pairs that are spread evenly over the versions, by their groups, and the pictures.

    Args:
        rows: The degraded pictures' own, in order.
    """
    if len(rows) <= EXAMPLES:
        return list(range(len(rows)))
    images = len({row.image for row in rows})
    versions = len(rows) // images
    numbers = [next((v for v in row.groups.values() if isinstance(v, int)), 0) for row in rows[:versions]]
    in_order = np.argsort(numbers, kind="stable").tolist()
    chosen = []
    for row in range(EXAMPLES):
        image = row * images // EXAMPLES if images >= EXAMPLES else row % images
        chosen.append(image * versions + in_order[(2 * row + 1) * versions // (2 * EXAMPLES)])
    return chosen
