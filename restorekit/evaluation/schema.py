"""A test set's recipe as pydantic models: what keys there are, of what type, and what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from restorekit.recipe.schema import Component, Count, Positive, Table


class MetricTable(Component):
    """A number that every restored picture gets."""

    name: str = ""
    """What tables call it; its type if left out."""
    every: Positive = 1
    """Measured on one in so many pairs; for what takes long."""


class ProtocolTable(Table):
    """A test set: pictures, what degrades them, and what is measured."""

    model_config = ConfigDict(title="restorekit test set")

    format: Annotated[Literal[1], Field(alias="schema")]
    """The version of this format."""
    name: Annotated[str, Field(max_length=100, pattern=r"^[^./\\\p{C}][^/\\\p{C}]*$")]
    """What the test set is called."""
    seed: Count = 0
    """What is drawn for version k of picture i is drawn from [seed, i, k]."""
    source: Component
    """The sharp pictures, or the pairs."""
    crop: Literal["celeba", "center", "whole"] | tuple[Count, Count, Positive, Positive] = "whole"
    """What is scored: CelebA's face, the middle, the whole picture, or [x, y, width, height]; margins added."""
    size: Positive | None = None
    """Side of the crop in pixels; the largest that fits, if left out."""
    pictures: Positive | None = None
    """How many pictures, the first ones; all, if left out."""
    draws: Positive = 1
    """How often each picture is degraded in each case."""
    degradation: list[Component] = []
    """What spoils the sharp picture, in order."""
    metric: Annotated[list[MetricTable], Field(min_length=1)]
    """What is measured, in order."""
    restorers: list[str] = []
    """What is scored if nobody says: bundles, models of the Hub, and methods by name."""
