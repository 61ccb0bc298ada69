"""The tables of a recipe as models: what keys there are, of what type, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from restorekit import contracts
from restorekit.errors import RecipeError
from restorekit.framing import Framing as FramingContract
from restorekit.recipe.part import Part, default_part, part_name
from restorekit.recipe.problems import from_pydantic

T = TypeVar("T")
Many = Annotated[Sequence[T], AfterValidator(tuple)]

Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(gt=0)]
Factor = Annotated[float, Field(ge=1, le=64)]

Source = Annotated[contracts.Source, Part()]
Crop = Annotated[contracts.Crop, Part()]
Augmentation = Annotated[contracts.Augmentation, Part()]
Degradation = Annotated[contracts.Degradation, Part()]
Network = Annotated[contracts.Network, Part()]
Task = Annotated[contracts.Task, Part()]
Loss = Annotated[contracts.Loss | contracts.AdversarialLoss, Part()]
Metric = Annotated[contracts.Metric, Part()]
Restorer = Annotated[contracts.Restorer, Part()]
Framing = Annotated[FramingContract, Part()]
Optimiser = Annotated[contracts.Optimiser, Part()]
Schedule = Annotated[contracts.Schedule, Part()]
Tracker = Annotated[contracts.Tracker, Part()]


class Table(BaseModel):
    """A table of the recipe; unknown keys and wrong types are errors."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    @model_validator(mode="wrap")
    @classmethod
    def _with_lines(cls, values: Any, handler: ModelWrapValidatorHandler[Any], info: ValidationInfo) -> Any:
        try:
            return handler(values)
        except ValidationError as error:
            if info.context:  # who reads a file knows its lines
                raise
            keys = [*cls.model_fields]
            problems = from_pydantic(error, (), lambda at: () if at else keys)
            raise RecipeError([each.plain() for each in problems]) from None


class Frame(Table):
    """A table that names a component by its ``type``, with keys that the recipe itself reads.

    The field whose alias is ``type`` holds the component; every key that is not a field is one of the component's.
    """


class Step(Frame):
    """One step of the degradation, applied in the order written."""

    degradation: Degradation = Field(validation_alias="type")
    name: str = ""
    """Its name in batch.params; by default its type, with .2, .3 ... if repeated."""
    p: Probability = 1.0
    """The probability that it is applied to an image."""


def _named(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give a name to every step that has none."""
    types = [part_name("degradation", step.degradation) for step in steps]
    names = [
        f"{name}.{types[: i + 1].count(name)}" if name in types[:i] else name for i, name in enumerate(types)
    ]
    return tuple(
        step if step.name else step.model_copy(update={"name": name})
        for step, name in zip(steps, names, strict=True)
    )


Steps = Annotated[Sequence[Step], AfterValidator(_named)]


class Optim(Frame):
    """The generator's optimiser and its learning rate."""

    optimiser: Optimiser = Field(validation_alias="type", default_factory=partial(default_part, "optimiser"))
    schedule: Schedule = Field(default_factory=partial(default_part, "schedule"))
    """How the rate changes over each stage: constant, or cosine (falls to zero by half a cosine)."""
    warmup: Count = 0
    """Steps over which the rate rises from zero at the start of each stage."""
    clip: Annotated[float, Field(ge=0)] = 0.0
    """Largest norm of the generator's gradient; 0 for no limit."""


def _unbalanced(weight: Any) -> Any:
    return None if weight == "auto" else weight


Weight = Annotated[
    Annotated[float, Field(ge=0)] | None,
    BeforeValidator(_unbalanced),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"const": "auto"}]}),
]
"""The weight of a loss; None until it is balanced, which a recipe calls auto."""


class Term(Frame):
    """One term of the objective, used by the stages that name it."""

    loss: Loss = Field(validation_alias="type")
    name: Annotated[str, Field(pattern="^[^/]*$")] = ""
    """Its name in stages; by default its type."""
    tasks: Annotated[Many[str], Field(min_length=1)] = ("image",)
    """The tasks it counts for."""
    scales: Literal["all", "finest"] = "all"
    """The scales it counts at."""
    weight: Weight = 1.0
    """Its factor in the sum over losses, tasks and scales; auto makes it a fifth of the others when it first counts."""
    optim: Optimiser | None = None
    """The discriminator's optimiser, for an adversarial loss; adam if left out."""

    @property
    def optimiser(self) -> contracts.Optimiser:
        """The discriminator's optimiser."""
        made: contracts.Optimiser = self.optim or default_part("optimiser")
        return made

    @property
    def adversarial(self) -> bool:
        """Whether it is a game against a discriminator."""
        return isinstance(self.loss, contracts.AdversarialLoss)

    @property
    def finest_only(self) -> bool:
        """Whether it counts at the finest scale alone."""
        return self.scales == "finest"


def _called(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Give its type's name to every term that has none."""
    return tuple(
        term if term.name else term.model_copy(update={"name": part_name("loss", term.loss)})
        for term in terms
    )


Terms = Annotated[Sequence[Term], Field(min_length=1), AfterValidator(_called)]


class Data(Table):
    """The training images and what is cut from them."""

    train: Source
    """The source of sharp images (or of pairs)."""
    crop: Crop = Field(default_factory=partial(default_part, "crop"))
    """Which square of an image is trained on: random, center, or [x, y, width, height]; the border is added."""
    size: Positive = 128
    """Side of the crop in pixels."""
    reduce: Factor = 1.0
    """Divides both sides of every image before the crop is cut, of validation images too."""
    batch: Positive = 16
    """Images in a step."""
    workers: Count = 2
    """Processes that decode, crop and augment; 0: only the main one."""
    license: str = ""
    """The terms of use of the images; it goes to the model card."""


class Train(Table):
    """How the loop runs."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """auto is bf16 if the device computes it fast, else fp32."""
    compile: Literal["auto"] | bool = "auto"
    """Whether torch compiles the network, tens of seconds at the start of a stage; auto is on a GPU."""
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.9999
    """Largest decay of the averaged weights, which the bundle holds; 0 for none."""
    accumulate: Positive = 1
    """Parts that a batch is cut into, one after the other, where memory holds no more; a step is still one batch."""
    log_every: Positive = 50
    """Steps between lines of log.jsonl."""
    save_every: Positive = 2000
    """Steps between saved states."""
    keep: Positive = 2
    """How many saved states are kept: the newest, and older ones in case it is damaged."""
    max_skipped: Positive = 10
    """The run ends after this many steps in a row with a loss or gradient that is not finite."""
    validate_every: Positive = 5000
    """Steps between validations."""
    track: Many[Tracker] = ()
    """Trackers that get the values of log.jsonl; some need an extra of the same name."""
    half: bool = False
    """Store the bundle's weights in fp16, half as large."""


class Validation(Table):
    """What is measured while training."""

    source: Source
    """The source of sharp images; do not train on any of them."""
    images: Positive = 64
    """How many of them, the first ones."""
    metrics: Many[Metric] = ()
    """Metrics of the restored pictures, besides PSNR and SSIM."""


_LEFT: Any = None
"""What a stage leaves to the recipe; ``Recipe.stages`` fills it in."""


class Stage(Table):
    """One part of training; its settings replace the recipe's for its steps."""

    steps: Positive
    """How many steps."""
    losses: Many[str]
    """The losses that count, by name."""
    lr: Rate = _LEFT
    """Learning rate."""
    schedule: Schedule = _LEFT
    """Schedule over this stage."""
    batch: Positive = _LEFT
    """Images in a step."""
    size: Positive = _LEFT
    """Side of the crop in pixels."""
    reduce: Factor = _LEFT
    """Divides both sides of every image before the crop is cut; small images are learnt faster."""
    degradations: Steps = Field(default=_LEFT, validation_alias="degradation")
    """The whole list of degradations for this stage."""
    augment: Many[Augmentation] = _LEFT
    """The whole list of augmentations for this stage."""
    freeze: Many[str] = ()
    """The network's weights that stay as they are, by name; * stands for any characters: ``["first.*"]``."""
