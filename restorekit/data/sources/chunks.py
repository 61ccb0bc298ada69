"""Sources whose images are read many at a time."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Item, Source
from restorekit.images import decode_rgb

if TYPE_CHECKING:
    from restorekit.contracts import Array

KEPT = 2
"""Chunks that a process holds: the one it reads and the one before, whose last images a batch may still want."""

Encoded = tuple[str, bytes]
"""An image's id, and its file as it is."""


class Chunked(Source):
    """Images in chunks of known lengths, for sets too large to download or to hold.

    The order of an epoch mixes the chunks, and the images within each, so that a process reads every chunk once.
    """

    @property
    @abstractmethod
    def lengths(self) -> Sequence[int]:
        """The number of images in each chunk, known without reading any."""

    @abstractmethod
    def read(self, chunk: int) -> Sequence[Encoded]:
        """Read chunk ``chunk`` as a whole; raises DataError if it cannot be."""

    @functools.cached_property
    def _starts(self) -> Array:
        return np.cumsum([0, *self.lengths])

    @functools.cached_property
    def _kept(self) -> OrderedDict[int, Sequence[Encoded]]:
        return OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was read: each worker reads for itself."""
        return {key: value for key, value in self.__dict__.items() if key != "_kept"}

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> Item:
        if not 0 <= index < len(self):
            raise IndexError(index)
        chunk = int(np.searchsorted(self._starts, index, side="right")) - 1
        name, data = self._chunk(chunk)[index - int(self._starts[chunk])]
        return Item(decode_rgb(name, data), name)

    def _chunk(self, chunk: int) -> Sequence[Encoded]:
        if chunk not in self._kept:
            if len(self._kept) == KEPT:
                self._kept.popitem(last=False)  # before the next is read: chunks may be large
            self._kept[chunk] = self.read(chunk)
        self._kept.move_to_end(chunk)
        return self._kept[chunk]

    def order(self, rng: np.random.Generator) -> Array:
        """Draw the order of the chunks, and within each that of its images."""
        starts = self._starts
        chunks = rng.permutation(len(starts) - 1)
        return np.concatenate([rng.permutation(np.arange(starts[c], starts[c + 1])) for c in chunks])
