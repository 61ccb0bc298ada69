"""From a checked recipe to its parts: components, still without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restorekit.contracts import AdversarialLoss, Degradation, Loss, Network, Source, Task
from restorekit.recipe import schema
from restorekit.recipe.component import try_component
from restorekit.recipe.lines import Location
from restorekit.recipe.problems import Problem
from restorekit.registries import did_you_mean


@dataclass(frozen=True)
class DegradationStep:
    """A degradation in its place: its name in ``Batch.params``, itself, and the probability of undergoing it."""

    name: str
    degradation: Degradation
    p: float


@dataclass(frozen=True)
class Term:
    """A loss in its place in the objective."""

    name: str
    loss: Loss | AdversarialLoss
    tasks: tuple[str, ...]
    finest_only: bool
    weight: float | None
    """None until it is balanced."""
    optim: schema.OptimTable

    @property
    def adversarial(self) -> bool:
        """Whether it is a game against a discriminator."""
        return isinstance(self.loss, AdversarialLoss)


@dataclass(frozen=True)
class Stage:
    """A stage with everything resolved that it leaves to the recipe."""

    steps: int
    losses: tuple[str, ...]
    lr: float
    schedule: schema.Schedule
    batch: int
    size: int
    degradations: tuple[DegradationStep, ...]
    augment: tuple[schema.Component, ...]


@dataclass(frozen=True)
class Parts:
    """The components that a recipe names."""

    source: Source
    validation: Source | None
    network: Network
    tasks: Mapping[str, Task]
    terms: tuple[Term, ...]
    degradations: tuple[DegradationStep, ...]
    stages: tuple[Stage, ...]


class Builder:
    """Builds the parts of one recipe, gathering every fault on the way.

    Args:
        settings: The recipe.
        base: What its relative paths are relative to.
        overridden: Locations given on the command line, whose paths are relative to the working directory.
    """

    def __init__(self, settings: schema.Settings, base: Path, overridden: Sequence[Location] = ()) -> None:
        self.settings = settings
        self.base = base
        self.overridden = overridden
        self.problems: list[Problem] = []

    def build(self) -> Parts | None:
        """Return the parts, or None if ``problems`` says why not."""
        settings = self.settings
        source = self._make("source", settings.data.train, ("data", "train"))
        validation: Source | None = None
        if settings.validation is not None:
            validation = self._make("source", settings.validation.source, ("validation", "source"))
        network = self._make("network", settings.network, ("network",))
        tasks = {t.type: self._make("task", t, ("task", i)) for i, t in enumerate(settings.task)}
        self._check_tasks(network, tasks)
        terms = [self._term(loss, ("loss", i), list(tasks)) for i, loss in enumerate(settings.loss)]
        self._check_terms(terms)
        steps = self._steps(settings.degradation, ("degradation",))
        stages = [self._stage(stage, i, steps, network) for i, stage in enumerate(settings.stage)]
        if self.problems:
            return None
        return Parts(source, validation, network, tasks, tuple(terms), steps, tuple(stages))

    def _make(self, kind: str, table: schema.Component, at: Location) -> Any:
        def base(key: str) -> Path:
            from_command_line = any((*at, key)[: len(place)] == place for place in self.overridden)
            return Path.cwd() if from_command_line else self.base

        return try_component(kind, table.type, table.options, base, at, self.problems)

    def _problem(self, at: Location, message: str) -> None:
        problem = Problem(at, message)
        if problem not in self.problems:  # stages share what they do not set
            self.problems.append(problem)

    def _check_tasks(self, network: object, tasks: Mapping[str, object]) -> None:
        types = [table.type for table in self.settings.task]
        for i, name in enumerate(types):
            if name in types[:i]:
                self._problem(("task", i), f"two tasks are of type '{name}'; keep one of them")
        if "image" not in tasks:
            message = "no task of type 'image', which is what a restored picture comes from; add it"
            self._problem(("task", 0), message)
        heads = network.heads if isinstance(network, Network) else None
        for i, table in enumerate(self.settings.task):
            if heads is not None and table.type not in heads:
                message = f"network '{self.settings.network.type}' has no head for task '{table.type}'"
                self._problem(("task", i, "type"), f"{message}; it serves: {', '.join(heads)}")

    def _term(self, table: schema.Loss, at: Location, tasks: Sequence[str]) -> Term:
        loss = self._make("loss", table, at)
        if len(set(table.tasks)) < len(table.tasks):
            self._problem((*at, "tasks"), "a task is named twice; name it once")
        for task in table.tasks:
            if task not in tasks:
                self._problem((*at, "tasks"), f"no [[task]] of type '{task}'; {did_you_mean(task, tasks)}")
        if isinstance(loss, AdversarialLoss):
            if len(table.tasks) != 1 or table.scales != "finest":
                self._problem(
                    at, 'an adversarial loss judges one task; set tasks to one name and scales = "finest"'
                )
            if table.weight == "auto":
                self._problem((*at, "weight"), "an adversarial loss has no size to balance; give it a number")
        elif table.optim is not None:
            self._problem((*at, "optim"), f"loss '{table.type}' trains nothing; remove optim")
        optim = table.optim or schema.OptimTable()
        name = table.name or table.type
        weight = None if table.weight == "auto" else table.weight
        return Term(name, loss, tuple(table.tasks), table.scales == "finest", weight, optim)

    def _check_terms(self, terms: Sequence[Term]) -> None:
        names = [term.name for term in terms]
        used = {name for stage in self.settings.stage for name in stage.losses}
        for i, name in enumerate(names):
            if name in names[:i]:
                self._problem(("loss", i), f"two losses are called '{name}'; give one of them another name")
            elif name not in used:
                self._problem(
                    ("loss", i), f"no stage uses loss '{name}'; add it to a [[stage]]'s losses or remove it"
                )
        balanced: set[str] = set()
        for i, stage in enumerate(self.settings.stage):
            for name in stage.losses:
                if name not in names:
                    self._problem(
                        ("stage", i, "losses"), f"no [[loss]] is called '{name}'; {did_you_mean(name, names)}"
                    )
            here = [term for term in terms if term.name in stage.losses]
            plain = [term for term in here if not term.adversarial]
            if not plain:
                self._problem(
                    ("stage", i, "losses"),
                    "no loss compares with the sharp image; name one that is not adversarial",
                )
            auto = {term.name for term in plain if term.weight is None} - balanced
            if auto and len(auto) == len(plain):
                self._problem(
                    ("stage", i, "losses"),
                    f"nothing to balance loss '{min(auto)}' against; give it a weight, or name one that has a weight",
                )
            balanced |= auto
            if stage.size not in (None, self.settings.data.size):
                for term in here:
                    if term.adversarial:
                        self._problem(
                            ("stage", i, "size"),
                            f"loss '{term.name}' judges {self.settings.data.size} pixels throughout; "
                            "leave size out of its stages",
                        )

    def _steps(self, tables: Sequence[schema.Degradation], at: Location) -> tuple[DegradationStep, ...]:
        steps: list[DegradationStep] = []
        for i, table in enumerate(tables):
            component = self._make("degradation", table, (*at, i))
            repeated = sum(other.type == table.type for other in tables[:i])
            name = f"{table.type}.{repeated + 1}" if repeated else table.type
            steps.append(DegradationStep(name, component, table.p))
        return tuple(steps)

    def _stage(
        self, table: schema.Stage, i: int, steps: tuple[DegradationStep, ...], network: object
    ) -> Stage:
        data, optim = self.settings.data, self.settings.optim
        if table.degradation is not None:
            steps = self._steps(table.degradation, ("stage", i, "degradation"))
        size = table.size or data.size
        at: Location = ("stage", i, "size") if table.size else ("data", "size")
        if isinstance(network, Network) and size % network.size_multiple:
            self._problem(
                at, f"size {size} is not a multiple of {network.size_multiple}, which the network needs"
            )
        if isinstance(data.crop, tuple) and data.crop[2:] != (size, size):
            self._problem(
                ("data", "crop"),
                f"the crop is {data.crop[2]} x {data.crop[3]} but the size is {size}; make them equal",
            )
        if data.crop == "celeba" and size != 128:
            self._problem(at, "the 'celeba' crop is 128 pixels; set size = 128, or another crop")
        return Stage(
            steps=table.steps,
            losses=tuple(table.losses),
            lr=table.lr or optim.lr,
            schedule=table.schedule or optim.schedule,
            batch=table.batch or data.batch,
            size=size,
            degradations=steps,
            augment=tuple(self.settings.augment if table.augment is None else table.augment),
        )
