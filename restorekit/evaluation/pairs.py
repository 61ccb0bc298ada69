"""Test pairs: a sharp picture and a degraded version of it, made when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Item
from restorekit.evaluation.protocol import Groups, MetricStep, Protocol

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Pair:
    """A sharp picture and one degraded version of it.

    Attributes:
        image: Name of the picture.
        version: Number of the version.
        groups: What its scores are grouped by, such as ``size`` and ``law`` of a kernel.
        sharp: H,W,3 uint8 RGB.
        degraded: The same, or smaller by one whole factor.
        labels: What the source knows of the picture.
        draws: What the degradations drew, such as the ``kernel``.
    """

    image: str
    version: int
    groups: Groups
    sharp: Array
    degraded: Array
    labels: Mapping[str, Any] = field(default_factory=dict)
    draws: Mapping[str, Array] = field(default_factory=dict)

    @property
    def scale(self) -> int:
        """By how much the degraded picture is smaller."""
        return int(self.sharp.shape[0]) // int(self.degraded.shape[0])

    def facts(self) -> dict[str, Any]:
        """All that metrics and restorers may ask for by name."""
        known: dict[str, Any] = {**self.labels, **self.groups, **self.draws}
        return known | {"target": self.sharp, "degraded": self.degraded}


class Pairs(ABC):
    """Pairs in a fixed order: picture by picture, and of each version by version.

    Attributes:
        about: What they were made from: ``data``, ``list`` and ``protocol``, for a result file.
        metrics: What is to be measured on them, by name.
        restorers: What is scored if nobody says.
    """

    about: dict[str, Any]
    metrics: Mapping[str, MetricStep]
    restorers: Sequence[str] = ()

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, n: int) -> Pair: ...

    @abstractmethod
    def groups(self, n: int) -> Groups:
        """Return what the scores of a pair are grouped by, without making the pair."""

    def __iter__(self) -> Iterator[Pair]:
        return (self[n] for n in range(len(self)))


class MadePairs(Pairs):
    """The pairs of a protocol, each made when it is asked for.

    Args:
        protocol: How they are made.
        limit: Keep so many pictures, the first; else as many as the protocol says.

    Attributes:
        pictures: How many pictures there are.

    Raises:
        DataError: There are no pictures.
        ImageError: On access: a picture cannot be read, or does not have the crop.
    """

    def __init__(self, protocol: Protocol, limit: int | None = None) -> None:
        self.protocol, self.metrics = protocol, protocol.metrics
        every = len(protocol.source)
        self.pictures = min(every, limit or protocol.pictures or every)
        self._wide = lru_cache(maxsize=1)(lambda image: protocol.widened(protocol.source[image]))
        self.restorers = protocol.restorers
        self.about = protocol.about()

    def __len__(self) -> int:
        return self.pictures * self.protocol.versions

    def groups(self, n: int) -> Groups:
        """Return what the scores of a pair are grouped by."""
        return self.protocol.cases[n % self.protocol.versions // self.protocol.draws]

    def __getitem__(self, n: int) -> Pair:
        protocol, margin = self.protocol, self.protocol.margin
        image, version = divmod(n, protocol.versions)
        wide: Item = self._wide(image)
        sharp = wide.sharp[margin : wide.sharp.shape[0] - margin, margin : wide.sharp.shape[1] - margin]
        degraded, draws = protocol.degrade(wide, image, version)
        return Pair(wide.id, version, self.groups(n), sharp, degraded, wide.labels, draws)
