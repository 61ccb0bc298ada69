"""Sheets: pictures side by side, as each restorer made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import RestorekitError
from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.pairs import Pair, Pairs
from restorekit.evaluation.score import INPUT
from restorekit.images import contact_sheet, read_rgb, reduced, write_rgb
from restorekit.reports.contestants import Contestant, able
from restorekit.reports.restoring import Kept, restored

if TYPE_CHECKING:
    from restorekit.contracts import Array

LARGEST = 512


def sheet(
    pairs: Pairs, count: int, contestants: Mapping[str, Contestant], kept: Kept
) -> tuple[Array, dict[str, str]]:
    """Lay out a few pairs: degraded, what each restorer made of it, sharp where that is another picture.

    Args:
        pairs: The pairs, of which ``count`` are shown, spread evenly.
        count: How many.
        contestants: Who restores.
        kept: Where restored pictures are kept.

    Returns:
        H,W,3 uint8 RGB, and why restorers are missing.
    """
    numbers = [len(pairs) * (2 * n + 1) // (2 * count) for n in range(min(count, len(pairs)))]
    fitting = able(contestants, pairs[0].facts())
    failed: dict[str, str] = {}
    rows, captions = [], []
    for n in dict.fromkeys(numbers):
        pair = pairs[n]
        pictures = {INPUT: restored(INPUT, fitting, [pair])[0]}
        for name in fitting:
            try:
                pictures[name] = _restored(kept, name, fitting, pair)
            except RestorekitError as error:
                failed[name] = error.message
        has_truth = not np.array_equal(pair.sharp, pictures[INPUT])
        words = [_words(name, picture, pair, has_truth) for name, picture in pictures.items()]
        shown = [*pictures.values(), *([pair.sharp] if has_truth else [])]
        rows.append([reduced(each, LARGEST) for each in shown])
        captions.append([*words, *([f"sharp\n{pair.image}"] if has_truth else [])])
    return contact_sheet(rows, captions), failed


def _restored(kept: Kept, name: str, contestants: Mapping[str, Contestant], pair: Pair) -> Array:
    file = kept.file(pair, contestants[name])
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_rgb(file, restored(name, contestants, [pair])[0])
    return read_rgb(file)


def _words(name: str, picture: Array, pair: Pair, has_truth: bool) -> str:
    size = next((value for value in pair.groups.values() if isinstance(value, int)), None)
    heading = name if name != INPUT else "blurred" if size is None else f"blurred, {size}"
    return f"{heading}\n{PSNR()(picture, pair.sharp):.2f} dB" if has_truth else heading
