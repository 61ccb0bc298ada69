"""Pairs restored, those whose pictures are on disk already read."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.score import INPUT, restore_8_bit
from restorekit.images import read_rgb
from restorekit.reports.contestants import Contestant
from restorekit.reports.ledger import key_of
from restorekit.restore.enlarge import enlarged

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Kept:
    """Restored pictures on disk: a sheet shows some that are scored as well.

    Attributes:
        folder: Where they are.
        about: What the pairs are.
    """

    folder: Path
    about: Any

    def file(self, pair: Pair, contestant: Contestant) -> Path:
        """Return where the picture that someone made of a pair is, or would be."""
        key = key_of(self.about, pair.image, pair.version, contestant.identity)
        return self.folder / f"{key}.png"


def restored(
    name: str, contestants: Mapping[str, Contestant], pairs: Sequence[Pair], kept: Kept | None = None
) -> list[Array]:
    """Restore pairs, at once if their pictures are of one size; ``input`` gives the degraded ones, enlarged if need be.

    Args:
        name: Who restores.
        contestants: Everyone, by name.
        pairs: The pairs.
        kept: Where some may have been kept; these are read.

    Raises:
        RestorekitError: The restorer cannot, or gives values that are not finite.
    """
    if name == INPUT:
        return [enlarged(pair.degraded, pair.scale) for pair in pairs]
    restorer = contestants[name].restorer
    files = [kept.file(pair, contestants[name]) for pair in pairs] if kept else []
    found = [read_rgb(file) if file.exists() else None for file in files]
    if any(picture is not None for picture in found):
        rest = [pair for pair, picture in zip(pairs, found, strict=True) if picture is None]
        more = iter(restored(name, contestants, rest))
        return [next(more) if picture is None else picture for picture in found]
    alike = len({pair.degraded.shape for pair in pairs}) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of pictures given back, which are counted
        if alike:
            return [*restore_8_bit(restorer, pairs, name)]
        return [restore_8_bit(restorer, [pair], name)[0] for pair in pairs]
