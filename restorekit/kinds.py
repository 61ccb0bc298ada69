"""The one table of what plugins bring: everything else that tells kinds apart reads it."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import isabstract
from typing import Any

from restorekit import contracts
from restorekit.framing import Framing


@dataclass(frozen=True)
class Kind:
    """A kind of component, or of another thing that a plugin may bring.

    Attributes:
        name: The kind in the singular, as recipes and messages call it.
        gives: What one is, in a few words.
        contracts: The classes that a component of this kind derives from, one of them; empty if it is no component.
        frame: The keys that a recipe itself reads in the table of one.
        check: The functions of ``restorekit.testing`` that check one.
        short: Whether a recipe may give the name alone, in place of a table with a ``type``.
        default: The component that is meant where a recipe does not say which.
        listed: The component that a bare array in a recipe stands for, and the field that takes the array.
    """

    name: str
    gives: str
    contracts: tuple[type, ...] = ()
    frame: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    short: bool = False
    default: str = ""
    listed: str = ""

    @property
    def plural(self) -> str:
        """What several are called."""
        return self.name + ("es" if self.name.endswith("s") else "s")

    @property
    def hook(self) -> str:
        """The function by which a plugin registers them."""
        return f"register_{self.plural}"


def _component(name: str, gives: str, *classes: type, **more: Any) -> Kind:
    checks = tuple("check_" + _snake(cls.__name__) for cls in classes)
    return Kind(name, gives, classes, check=checks, **more)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


COMPONENTS = (
    _component("source", "sharp images, or pairs of a sharp and a degraded one", contracts.Source),
    _component(
        "crop",
        "which part of an image is trained on",
        contracts.Crop,
        short=True,
        default="random",
        listed="box",
    ),
    _component("augmentation", "a random change of a training image", contracts.Augmentation),
    _component("degradation", "what spoils an image", contracts.Degradation, frame=("name", "p")),
    _component("network", "a torch module that turns pictures into pictures", contracts.Network),
    _component("task", "what a network predicts, and from what", contracts.Task),
    _component(
        "loss",
        "how far a prediction is off",
        contracts.Loss,
        contracts.AdversarialLoss,
        frame=("name", "tasks", "scales", "weight", "optim"),
    ),
    _component(
        "metric", "a number for a restored picture", contracts.Metric, frame=("name", "every"), short=True
    ),
    _component("framing", "which parts of a picture are restored, and how", Framing, short=True),
    _component("restorer", "a method that needs no training", contracts.Restorer),
    _component(
        "optimiser",
        "how weights follow their gradient",
        contracts.Optimiser,
        frame=("schedule", "warmup", "clip"),
        default="adam",
    ),
    _component(
        "schedule",
        "how the learning rate changes over a stage",
        contracts.Schedule,
        short=True,
        default="constant",
    ),
    _component("tracker", "a place that shows runs", contracts.Tracker, short=True),
    _component("engine", "what runs models that are single files", contracts.Engine),
)
"""The kinds of components, in the order in which they are listed."""

OTHERS = (
    Kind("container", 'what restores files of many pictures, such as videos: "module:Class"'),
    Kind("command", 'a function for typer: "module:function"'),
    Kind("recipe", 'a TOML file of the package: "package:path"'),
    Kind("model", 'a bundle of the package, "package:folder", or of the Hub, "hub:OWNER/NAME@REVISION"'),
)

KINDS = {kind.name: kind for kind in (*COMPONENTS, *OTHERS)}
"""All kinds, by name."""


def kind_of(contract: type) -> Kind:
    """Return the kind of what derives from a contract."""
    return next(kind for kind in COMPONENTS if issubclass(contract, kind.contracts))


def is_contract(hint: object) -> bool:
    """Whether a type is one of the contracts, or an abstract class that derives from one, as the root's Restorer."""
    every = tuple(contract for kind in COMPONENTS for contract in kind.contracts)
    return hint in every or (isinstance(hint, type) and isabstract(hint) and issubclass(hint, every))
