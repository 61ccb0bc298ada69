"""A test set: pictures, what degrades them, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator

from restorekit.contracts import Item
from restorekit.data.extent import consumed, shrinkage
from restorekit.errors import RecipeError
from restorekit.evaluation.convolution import to_8_bit
from restorekit.evaluation.crop import scored_box
from restorekit.recipe.part import part_name
from restorekit.recipe.problems import Problem
from restorekit.recipe.schema import Count, Crop, Frame, Many, Metric, Positive, Source, Step, Steps, Table
from restorekit.recipe.write import table_of

if TYPE_CHECKING:
    from restorekit.contracts import Array

Groups = Mapping[str, "str | int"]


class MetricStep(Frame):
    """A metric with its name, and how often it is measured."""

    metric: Metric = Field(validation_alias="type")
    name: str = ""
    """Its name in tables; by default its type."""
    every: Positive = 1
    """Measure on every Nth pair only; for slow metrics."""


def _called(steps: Sequence[MetricStep]) -> tuple[MetricStep, ...]:
    """Give its type's name to every metric that has none."""
    return tuple(
        step if step.name else step.model_copy(update={"name": part_name("metric", step.metric)})
        for step in steps
    )


class Metrics(Table):
    """What is measured."""

    metric: Annotated[Many[MetricStep], Field(min_length=1), AfterValidator(_called)]
    """What is measured, in order."""

    @model_validator(mode="after")
    def _told_apart(self, info: ValidationInfo) -> Metrics:
        names = [step.name for step in self.metric]
        found = [
            Problem(("metric", i), f"two metrics are called '{name}'; give one of them a name of its own")
            for i, name in enumerate(names)
            if name in names[:i]
        ]
        if info.context:  # who reads a file knows its lines
            info.context["problems"].extend(found)
        elif found:
            raise RecipeError([each.plain() for each in found])
        return self

    @cached_property
    def metrics(self) -> Mapping[str, MetricStep]:
        """The metrics by what tables call them."""
        return {step.name: step for step in self.metric}


class Protocol(Metrics):
    """A test set: how sharp pictures become pairs, and what is measured on these.

    Every picture is degraded in every case, ``draws`` times: the versions of a picture. From TOML it is made by
    ``load_protocol``; in Python, of components.

    Raises:
        RecipeError: With one line for every fault found.
    """

    model_config = ConfigDict(title="restorekit test set")

    format: Annotated[Literal[1], Field(validation_alias="schema")] = 1
    """The version of this format."""
    name: Annotated[str, Field(max_length=100, pattern=r"^[^./\\\p{C}][^/\\\p{C}]*$")]
    """What the test set is called."""
    seed: Count = 0
    """Random choices for version k of picture i come from [seed, i, k]."""
    source: Source
    """The sharp pictures, or the pairs."""
    crop: Crop | None = None
    """Which square of a picture is scored, the degradations' border around it; the whole picture, if left out."""
    size: Positive | None = None
    """Side of the crop in pixels; the largest that fits, if left out."""
    pictures: Positive | None = None
    """How many pictures, the first ones; all, if left out."""
    draws: Positive = 1
    """How often each picture is degraded in each case."""
    degradations: Annotated[Steps, Field(validation_alias="degradation")] = ()
    """What spoils the sharp picture, in order."""
    restorers: Many[str] = ()
    """What is scored by default: bundles, models of the Hub, and methods by name."""

    @property
    def scale(self) -> int:
        """By how much all degradations together shrink a picture."""
        return shrinkage([step.degradation for step in self.degradations])

    @property
    def margin(self) -> int:
        """Border that all degradations together consume, in pixels of the sharp picture."""
        return consumed([step.degradation for step in self.degradations])

    @cached_property
    def cases(self) -> list[Groups]:
        """What the scores of each case are grouped by: every case of one degradation with every one of the others."""
        found = product(*(step.degradation.cases for step in self.degradations))
        return [{key: value for groups in case for key, value in groups.items()} for case in found]

    @property
    def versions(self) -> int:
        """How many degraded versions each picture has."""
        return len(self.cases) * self.draws

    def seed_of(self, image: int, version: int) -> list[int]:
        """Return what seeds numpy's default generator for a pair."""
        return [self.seed, image, version]

    def widened(self, item: Item) -> Item:
        """Return an item cut to the part that is scored and the degradations' border around it.

        Raises:
            RestorekitError: The picture does not hold it.
        """
        height, width = item.sharp.shape[:2]
        at = scored_box(self.crop, self.size, self.margin, self.scale, height, width, item.id)
        degraded = None if item.degraded is None else item.degraded[at]
        return Item(item.sharp[at], item.id, degraded, item.labels)

    def degrade(self, wide: Item, image: int, version: int) -> tuple[Array, dict[str, Array]]:
        """Make one version of a picture.

        Args:
            wide: What `widened` gave of it.
            image: Its number in the source.
            version: The number of the version.

        Returns:
            The degraded picture, H,W,3 uint8 RGB, without the border, shrunk; and all that was drawn for it, by name,
            but for names that two degradations use.
        """
        rng = np.random.default_rng(self.seed_of(image, version))
        counts = tuple(len(step.degradation.cases) for step in self.degradations)
        cases = np.unravel_index(version // self.draws, counts) if counts else ()
        values = (wide.sharp if wide.degraded is None else wide.degraded).astype(np.float64)
        drawn: dict[str, Array] = {}
        twice: set[str] = set()
        for step, case in zip(self.degradations, cases, strict=True):
            values, params = _undergo(step, int(case), values, rng)
            twice |= drawn.keys() & params.keys()
            drawn |= params
        return to_8_bit(values), {key: value for key, value in drawn.items() if key not in twice}

    def about(self) -> dict[str, Any]:
        """Say what a result or a manifest tells of it: the resolved recipe, of paths the last part alone."""
        table = _named(table_of(self.model_copy(update={"restorers": ()})))
        source = table["source"]
        data = source.get("path") or source.get("degraded") or self.name
        return {"data": data, "list": source.get("listing"), "protocol": table}


def _undergo(
    step: Step, case: int, values: Array, rng: np.random.Generator
) -> tuple[Array, dict[str, Array]]:
    """Apply one degradation to H,W,3, or, by its probability, nothing but the loss of its border."""
    params = step.degradation.sample_case(case, rng, *values.shape[:2])
    if step.p < 1 and rng.random() >= step.p:
        margin = step.degradation.margin
        return values[margin : values.shape[0] - margin, margin : values.shape[1] - margin], {}
    return step.degradation.apply_array(values, **params), params


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each) for each in value]
    return Path(value).resolve().name if isinstance(value, str) and Path(value).is_absolute() else value
