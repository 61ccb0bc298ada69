"""Sources of images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from restorekit.contracts.batch import Item

if TYPE_CHECKING:
    import numpy as np

    from restorekit.contracts.array import Array


class Source(ABC):
    """A finite, indexable set of images; picklable, cheap to construct, listing files on first use."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of images; raises DataError if there is nothing to read."""

    @abstractmethod
    def __getitem__(self, index: int) -> Item:
        """Read image ``index``; raises ImageError if it cannot be read, and then another takes its place."""

    def order(self, rng: np.random.Generator) -> Array:
        """Draw the order of one epoch, a permutation of all indices; what is read in chunks keeps each together."""
        return rng.permutation(len(self))
