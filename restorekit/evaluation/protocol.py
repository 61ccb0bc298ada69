"""A test set as it is computed: pictures, what degrades them, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Degradation, Item, Metric, Source
from restorekit.evaluation.convolution import to_8_bit
from restorekit.evaluation.crop import Crop, scored_box

if TYPE_CHECKING:
    from restorekit.contracts import Array

Groups = Mapping[str, "str | int"]


@dataclass(frozen=True)
class MetricStep:
    """A metric in its place: itself, and on one in how many pairs it is taken."""

    metric: Metric
    every: int = 1


@dataclass(frozen=True)
class Protocol:
    """How sharp pictures become test pairs, and what is measured on these.

    Every picture is degraded in every case, ``draws`` times: the versions of a picture.

    Attributes:
        name: What the test set is called.
        source: The sharp pictures, or the pairs.
        degradations: What spoils them, in order.
        metrics: What is measured, by the name that tables call it.
        crop: The part of the picture that is scored.
        size: Its side in pixels; None for the largest that fits.
        pictures: How many pictures of the source, the first; None for all.
        draws: How often each picture is degraded in each case.
        seed: Version k of picture i draws from numpy's default generator, seeded with ``[seed, i, k]``.
        restorers: What is scored if nobody says.
        about: What a result or a manifest says of it.
    """

    name: str
    source: Source
    degradations: Sequence[Degradation]
    metrics: Mapping[str, MetricStep]
    crop: Crop = "whole"
    size: int | None = None
    pictures: int | None = None
    draws: int = 1
    seed: int = 0
    restorers: Sequence[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def margin(self) -> int:
        """Border that all degradations together consume, pixels."""
        return sum(degradation.margin for degradation in self.degradations)

    @cached_property
    def cases(self) -> list[Groups]:
        """What the scores of each case are grouped by: every case of one degradation with every one of the others."""
        found = product(*(degradation.cases for degradation in self.degradations))
        return [{key: value for groups in case for key, value in groups.items()} for case in found]

    @property
    def versions(self) -> int:
        """How many degraded versions each picture has."""
        return len(self.cases) * self.draws

    def seed_of(self, image: int, version: int) -> list[int]:
        """Return what seeds numpy's default generator for a pair."""
        return [self.seed, image, version]

    def widened(self, item: Item) -> Item:
        """Return an item cut to the part that is scored and the degradations' margin around it.

        Raises:
            RestorekitError: The picture does not hold it.
        """
        height, width = item.sharp.shape[:2]
        at = scored_box(self.crop, self.size, self.margin, height, width, item.id)
        degraded = None if item.degraded is None else item.degraded[at]
        return Item(item.sharp[at], item.id, degraded, item.labels)

    def degrade(self, wide: Item, image: int, version: int) -> tuple[Array, dict[str, Array]]:
        """Make one version of a picture.

        Args:
            wide: What `widened` gave of it.
            image: Its number in the source.
            version: The number of the version.

        Returns:
            The degraded picture, H,W,3 uint8 RGB, without the margin; and all that was drawn for it, by name, but for
            names that two degradations use.
        """
        rng = np.random.default_rng(self.seed_of(image, version))
        counts = tuple(len(degradation.cases) for degradation in self.degradations)
        cases = np.unravel_index(version // self.draws, counts) if counts else ()
        values = (wide.sharp if wide.degraded is None else wide.degraded).astype(np.float64)
        drawn: dict[str, Array] = {}
        twice: set[str] = set()
        for degradation, case in zip(self.degradations, cases, strict=True):
            params = degradation.sample_case(int(case), rng, *values.shape[:2])
            values = degradation.apply_array(values, **params)
            twice |= drawn.keys() & params.keys()
            drawn |= params
        return to_8_bit(values), {key: value for key, value in drawn.items() if key not in twice}
