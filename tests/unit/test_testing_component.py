"""The contract kit: what it asks of components of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from torch import nn

from restorekit import testing
from restorekit.contracts import Degradation, Item, Loss, Source
from restorekit_degradations.identity import Identity
from restorekit_degradations.mixture import Mixture
from restorekit_degradations.noise import GaussianNoise


@pytest.fixture
def light(monkeypatch):
    """Leave out the child process that imports the module: this one imports torch, for the tests' sake."""
    monkeypatch.setattr("restorekit.testing.component._LIGHT", "print(False)")


@dataclass(frozen=True)
class Square(Loss):
    power: int = 2

    def __call__(self, prediction, target, batch):
        return (prediction - target).abs().pow(self.power).mean()


class Plain:
    def __call__(self, prediction, target, batch):
        return (prediction - target).mean()


@dataclass
class Thawed(Loss):
    power: int = 2

    def __call__(self, prediction, target, batch):
        return (prediction - target).mean()


@dataclass(frozen=True)
class Function(Square):
    function: Callable[[float], float] = abs


@dataclass(frozen=True)
class Foreign(Square):
    kernel: nn.Module | None = None


@dataclass(frozen=True)
class Unordered(Square):
    value: object = (1, 2)


@dataclass(frozen=True)
class Weighted(Square):
    weight: float = 1.0


@pytest.mark.parametrize(
    ("component", "lesson"),
    [
        (Plain(), r"Plain does not derive from restorekit\.Loss"),
        (Thawed(), "Thawed is not a frozen dataclass"),
        (Function(lambda x: x), r"a pickled Function is not what it was \("),
        (Foreign(), "the fields of Foreign cannot be written to a recipe"),
        (
            Unordered(),
            r"field value of Unordered was \(1, 2\), and \[1, 2\] after a recipe was written and read",
        ),
        (Weighted(), "Weighted has a field weight\n.*the table of a loss has a key weight already"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_component_is_what_a_recipe_can_state(component, lesson, light):
    with pytest.raises(AssertionError, match=lesson):
        testing.check_loss(component)


@dataclass(frozen=True)
class Twice(Degradation):
    """What it holds, applied twice."""

    choice: Degradation
    margin: ClassVar[int] = 0

    def sample(self, rng, height, width):
        return self.choice.sample(rng, height, width)

    def apply(self, images, **params):
        return self.choice.apply(self.choice.apply(images, **params), **params)


@dataclass(frozen=True)
class Listed(Twice):
    choice: GaussianNoise


@dataclass(frozen=True)
class Unregistered(Identity):
    """No plugin registers it."""


def test_components_in_fields_are_checked_with_what_holds_them(light):
    testing.check_degradation(Twice(GaussianNoise()))
    testing.check_degradation(Mixture((GaussianNoise(), Mixture((Identity(),)))))


@pytest.mark.parametrize(
    ("component", "lesson"),
    [
        (
            Listed(GaussianNoise()),
            "field choice of Listed holds a degradation but is declared as .*GaussianNoise",
        ),
        (Twice(Unregistered()), "field choice of Twice holds a Unregistered, which a recipe cannot name"),
        (
            Mixture((Identity(), Unregistered())),
            "field choices of Mixture holds a Unregistered, which a recipe",
        ),
    ],
    ids=["declared too narrowly", "unregistered", "unregistered in a tuple"],
)
def test_a_breach_of_a_component_in_a_field_is_told(component, lesson, light):
    with pytest.raises(AssertionError, match=lesson):
        testing.check_degradation(component)


@dataclass
class Melted(Degradation):
    """Not frozen."""

    sample = Identity.sample
    apply = Identity.apply


def test_a_component_in_a_field_is_checked_like_any_other(light, monkeypatch):
    everything = SimpleNamespace(name_of=lambda cls: "x")
    monkeypatch.setattr("restorekit.testing.component.registry", lambda kind: everything)
    with pytest.raises(AssertionError, match="Melted is not a frozen dataclass"):
        testing.check_degradation(Twice(Melted()))


HEAVY = """
import torch
from dataclasses import dataclass
from restorekit import Metric

@dataclass(frozen=True)
class Heavy(Metric):
    definition = "x"

    def __call__(self, prediction, target):
        return 1.0
"""


@pytest.mark.parametrize(
    ("found_by_the_child", "lesson"),
    [
        (True, "importing heavy_metric imports torch"),
        (False, "heavy_metric does not import by itself: .*No module named 'heavy_metric'"),
    ],
)
def test_the_module_must_be_light(found_by_the_child, lesson, tmp_path, monkeypatch):
    (tmp_path / "heavy_metric.py").write_text(HEAVY)
    monkeypatch.syspath_prepend(tmp_path)
    if found_by_the_child:
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import heavy_metric

    with pytest.raises(AssertionError, match=f"(?s){lesson}"):
        testing.check_metric(heavy_metric.Heavy())


@dataclass(frozen=True)
class Fetching(Source):
    """Opens a file at the first image, and keeps it."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        self.__dict__["file"] = open(__file__)  # noqa: SIM115
        return Item(np.full((20, 24, 3), index, np.uint8), id=str(index))

    def __getstate__(self):
        return self.__dict__


def test_a_source_survives_pickling_after_it_was_read(light):
    source = Fetching()
    with pytest.raises(AssertionError, match="a pickled Fetching is not what it was after reading an image"):
        testing.check_source(source)
    source.__dict__["file"].close()
