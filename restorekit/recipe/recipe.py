"""A recipe: everything that a training run depends on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import ConfigDict, Field, ValidationInfo, model_validator

from restorekit import contracts
from restorekit.errors import RecipeError
from restorekit.recipe.consistency import inconsistencies
from restorekit.recipe.part import part_name
from restorekit.recipe.schema import (
    Augmentation,
    Count,
    Data,
    Framing,
    Many,
    Network,
    Optim,
    Stage,
    Steps,
    Table,
    Task,
    Terms,
    Train,
    Validation,
)
from restorekit.recipe.write import table_of


class Recipe(Table):
    """A recipe: everything that a training run depends on.

    From TOML it is made by ``load_recipe``; in Python, of components and of the tables of ``restorekit.recipe``.

    Raises:
        RecipeError: With one line for every fault found.
    """

    model_config = ConfigDict(title="restorekit recipe")

    format: Annotated[Literal[1], Field(validation_alias="schema")] = 1
    """The version of this format."""
    name: Annotated[str, Field(max_length=100, pattern=r"^[^./\\\p{C}][^/\\\p{C}]*$")]
    """The name of the run and its bundle; it names a folder, so it is not a path."""
    seed: Count = 0
    """Everything random derives from it."""
    data: Data
    augment: Many[Augmentation] = ()
    """Augmentations, in order."""
    degradations: Annotated[Steps, Field(validation_alias="degradation")] = ()
    """What spoils the sharp image, in order."""
    network: Network
    """The network that restores it."""
    task: Annotated[Many[Task], Field(min_length=1)]
    """What the network predicts; ``image`` is one of them."""
    terms: Annotated[Terms, Field(validation_alias="loss")]
    """The terms of the objective."""
    optim: Optim = Field(default_factory=Optim)
    train: Train = Train()
    validation: Validation | None = None
    framing: Framing | None = None
    """Which parts of a picture the model restores by default."""
    stage: Annotated[Many[Stage], Field(min_length=1)]
    """The stages, in order."""

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Recipe:
        found = inconsistencies(self)
        if info.context:  # who reads a file knows its lines
            info.context["problems"].extend(found)
        elif found:
            raise RecipeError([each.plain() for each in found])
        return self

    @cached_property
    def tasks(self) -> Mapping[str, contracts.Task]:
        """The tasks by name."""
        return {part_name("task", task): task for task in self.task}

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages, with what they leave to the recipe."""
        own = {
            "lr": self.optim.optimiser.lr,
            "schedule": self.optim.schedule,
            "batch": self.data.batch,
            "size": self.data.size,
            "reduce": self.data.reduce,
            "degradations": self.degradations,
            "augment": self.augment,
        }
        return tuple(
            stage.model_copy(update={key: own[key] for key in own if getattr(stage, key) is None})
            for stage in self.stage
        )

    def with_weights(self, found: Mapping[str, float | None]) -> Recipe:
        """Return the recipe with numbers in place of ``weight = "auto"``.

        Args:
            found: Weights by the names of losses; those that the recipe states itself stay as they are.
        """
        terms = tuple(
            term.model_copy(update={"weight": found.get(term.name)}) if term.weight is None else term
            for term in self.terms
        )
        return self.model_copy(update={"terms": terms})

    def table(self) -> dict[str, Any]:
        """The resolved recipe: every key spelt out, and paths absolute."""
        return table_of(self)

    def dumps(self) -> str:
        """The resolved recipe as TOML."""
        return tomli_w.dumps(self.table())
