"""The recipe as pydantic models: what keys there are, of what type, and what they mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(gt=0)]
Schedule = Literal["constant", "cosine"]


class Table(BaseModel):
    """A table of the recipe; unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Component(Table):
    """A table that names a registered component; every other key is a field of that component."""

    model_config = ConfigDict(extra="allow")

    type: str
    """The registered name; ``restorekit list`` shows them all."""

    @property
    def options(self) -> dict[str, Any]:
        """The component's own keys, as written."""
        return dict(self.model_extra or {})


class Degradation(Component):
    """One step of the degradation, applied in the order written."""

    p: Probability = 1.0
    """The probability that an image undergoes it."""


class OptimTable(Table):
    """An optimiser, made by timm."""

    type: str = "adam"
    """timm's name of the optimiser."""
    lr: Rate = 1e-4
    """Learning rate."""
    betas: tuple[float, float] | None = None
    """Moment decays; the optimiser's own if left out."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Weight decay, not applied to biases."""


class Optim(OptimTable):
    """The generator's optimiser and schedule."""

    schedule: Schedule = "constant"
    """How the rate goes over each stage: constant, or falling to zero by half a cosine."""
    warmup: Count = 0
    """Steps over which the rate rises from zero at the start of each stage, while the optimiser gets to know it."""
    clip: Annotated[float, Field(ge=0)] = 0.0
    """Largest norm of the generator's gradient; 0 for no limit."""


class Loss(Component):
    """One term of the objective, used by the stages that name it."""

    name: Annotated[str, Field(pattern="^[^/]*$")] = ""
    """What stages call it; its type if left out."""
    tasks: Annotated[list[str], Field(min_length=1)] = ["image"]
    """The tasks it counts for."""
    scales: Literal["all", "finest"] = "all"
    """The scales it counts at."""
    weight: Annotated[float, Field(ge=0)] | Literal["auto"] = 1.0
    """Its factor in the sum over losses, tasks and scales; auto makes it a fifth of the others when it first counts."""
    optim: OptimTable | None = None
    """The discriminator's optimiser, for an adversarial loss."""


class Data(Table):
    """The training images and what is cut from them."""

    train: Component
    """The source of sharp images (or of pairs)."""
    crop: Literal["celeba", "center", "random"] | tuple[Count, Count, Positive, Positive] = "random"
    """Where it lies: CelebA's face (x 25:153, y 68:196), center, random, or [x, y, width, height]; margins added."""
    size: Positive = 128
    """Side of the crop in pixels."""
    batch: Positive = 16
    """Images in a step."""
    workers: Count = 2
    """Processes that decode, crop and augment; 0 for none but the main one."""
    license: str = ""
    """Under what terms the images may be used; it goes to the model card."""


class Train(Table):
    """How the loop runs."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """auto is bf16 where the device does it well, else fp32."""
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
    """How many saved states stay: the newest, and more in case that is damaged."""
    max_skipped: Positive = 10
    """So many steps in a row that are left out, as their loss or gradient is not finite, end the run."""
    validate_every: Positive = 5000
    """Steps between validations."""
    track: list[Literal["tensorboard", "trackio", "wandb"]] = []
    """Trackers that get what log.jsonl says; each is an extra of the same name."""
    half: bool = False
    """Store the bundle's weights in fp16, half as large."""


class Validation(Table):
    """What is measured while training."""

    source: Component
    """The source of sharp images, none of which is trained on."""
    images: Positive = 64
    """How many of them, the first ones."""


class Stage(Table):
    """A stretch of training; what it sets replaces the recipe's own for its steps."""

    steps: Positive
    """How many steps."""
    losses: list[str]
    """The losses that count, by name."""
    lr: Rate | None = None
    """Learning rate."""
    schedule: Schedule | None = None
    """Schedule over this stage."""
    batch: Positive | None = None
    """Images in a step."""
    size: Positive | None = None
    """Side of the crop in pixels."""
    degradation: list[Degradation] | None = None
    """The whole list of degradations for this stage."""
    augment: list[Component] | None = None
    """The whole list of augmentations for this stage."""


class Settings(Table):
    """A recipe: everything that a training run depends on."""

    model_config = ConfigDict(title="restorekit recipe")

    format: Annotated[Literal[1], Field(alias="schema")]
    """The version of this format."""
    name: Annotated[str, Field(max_length=100, pattern=r"^[^./\\\p{C}][^/\\\p{C}]*$")]
    """What the run and its bundle are called: a name for a folder, so no path."""
    seed: Count = 0
    """Everything random derives from it."""
    data: Data
    augment: list[Component] = []
    """Augmentations of albumentations, by class name, in order."""
    degradation: list[Degradation] = []
    """What spoils the sharp image, in order."""
    network: Component
    """The network that restores it."""
    task: Annotated[list[Component], Field(min_length=1)]
    """What the network predicts; ``image`` is one of them."""
    loss: Annotated[list[Loss], Field(min_length=1)]
    """The terms of the objective."""
    optim: Optim = Optim()
    train: Train = Train()
    validation: Validation | None = None
    stage: Annotated[list[Stage], Field(min_length=1)]
    """The stages, in order."""
