"""Pairs of sharp and degraded images in two folders."""

from __future__ import annotations

import functools
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restorekit.contracts import Item, Source
from restorekit.data.sources.listing import list_pictures
from restorekit.errors import DataError, one_line
from restorekit.images import read_rgb

SHOWN = 5
"""Names of pictures in only one folder that are said; of the others, how many."""


@dataclass(frozen=True)
class Paired(Source):
    """Pairs: pictures of two folders whose paths are the same except for the ending.

    Pictures that are in only one of the folders are left out, with one note.

    Attributes:
        sharp: The folder of the sharp images.
        degraded: The folder of the degraded ones, each of the same size as the sharp one.
    """

    sharp: Path
    degraded: Path

    @functools.cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        sharp, degraded = _by_stem(self.sharp), _by_stem(self.degraded)
        pairs = [(name, degraded[stem]) for stem, name in sharp.items() if stem in degraded]
        if not pairs:
            raise DataError(
                f"no picture in {self.sharp} is also in {self.degraded}",
                "a pair has the same path in both folders, but for its ending",
            )
        alone = [str(self.sharp / name) for stem, name in sharp.items() if stem not in degraded]
        alone += [str(self.degraded / name) for stem, name in degraded.items() if stem not in sharp]
        if alone and multiprocessing.parent_process() is None:  # a worker repeats nothing
            print(one_line(_left_out(alone)), file=sys.stderr)
        return pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Item:
        one, other = self._pairs[index]
        sharp, degraded = read_rgb(self.sharp / one), read_rgb(self.degraded / other)
        if sharp.shape != degraded.shape:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (sharp, degraded)]
            raise DataError(
                f"{self.sharp / one} has {sizes[0]} pixels, {self.degraded / other} has {sizes[1]}",
                "give both the same size, or remove the pair",
            )
        return Item(sharp, one, degraded)


def _by_stem(folder: Path) -> dict[str, str]:
    """The pictures of a folder by their paths without endings."""
    found: dict[str, str] = {}
    for name in list_pictures(folder):
        stem = name.rpartition(".")[0]
        if stem in found:
            raise DataError(
                f"{folder / found[stem]} and {name} differ only in their ending", "keep one of them"
            )
        found[stem] = name
    return found


def _left_out(alone: Sequence[str]) -> str:
    more = f" and {len(alone) - SHOWN} more" if len(alone) > SHOWN else ""
    return f"left out, as they are in only one folder ({len(alone)}): {', '.join(alone[:SHOWN])}{more}"
