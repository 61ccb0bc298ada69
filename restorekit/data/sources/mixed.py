"""Images of several sources together."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from restorekit.contracts import Item, Source


@dataclass(frozen=True)
class Mixed(Source):
    """Several sources in fixed shares. If a source has too few images for its share, they come several times per epoch.

    Attributes:
        sources: The sources, each a table of its own with a type: ``[[data.train.sources]]``.
        shares: The share of each in an epoch, relative to their sum; by default their lengths.

    Raises:
        ValueError: There is no source, or the shares do not fit.
    """

    sources: tuple[Source, ...]
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources must hold at least one source; add [[data.train.sources]] tables")
        if self.shares and (len(self.shares) != len(self.sources) or not min(self.shares) > 0):
            raise ValueError(
                f"shares must be {len(self.sources)} positive numbers, one for each source, not {list(self.shares)}"
            )

    @functools.cached_property
    def _counts(self) -> list[int]:
        lengths = [len(source) for source in self.sources]
        if not self.shares:
            return lengths
        # As long as it takes to see every image of every source.
        whole = max(length / share for length, share in zip(lengths, self.shares, strict=True))
        return [round(whole * share) for share in self.shares]

    def __len__(self) -> int:
        return sum(self._counts)

    def __getitem__(self, index: int) -> Item:
        for source, count in zip(self.sources, self._counts, strict=True):
            if index < count:
                return source[index % len(source)]
            index -= count
        raise IndexError(index)
