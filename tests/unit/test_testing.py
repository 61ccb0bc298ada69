"""The contract kit: what keeps the contract passes, and each breach is told as a lesson."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from restorekit import testing
from restorekit.contracts import (
    AdversarialLoss,
    Degradation,
    Item,
    Loss,
    Metric,
    Network,
    Restorer,
    Source,
    Task,
)


@dataclass(frozen=True)
class Grey(Source):
    sides: tuple[int, int] = (20, 24)

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return Item(np.full((*self.sides, 3), index, np.uint8), id=str(index))


@dataclass(frozen=True)
class Fade(Degradation):
    """Multiplies by a number, and consumes a border."""

    strength: float = 0.5
    margin: ClassVar[int] = 2

    def sample(self, rng, height, width):
        return {"factor": np.float32(1 - self.strength * rng.random())}

    def apply(self, images, factor):
        return images[..., 2:-2, 2:-2] * factor.view(-1, 1, 1, 1)


@dataclass(frozen=True)
class Lightness(Task):
    channels: ClassVar[int] = 1
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def sample(self, rng):
        return {"sign": np.array(rng.integers(2))}

    def encode(self, images, sign):
        return images.mean(dim=1, keepdim=True)


class Scaler(nn.Module):
    def __init__(self, change=None):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1))
        self.change = change or (lambda outputs: outputs)

    def forward(self, inputs):
        return self.change(
            {task: [level * self.factor for level in levels] for task, levels in inputs.items()}
        )


@dataclass(frozen=True)
class Scale(Network):
    scales: ClassVar[int] = 2
    size_multiple: ClassVar[int] = 4
    width: int = 1

    def build(self, tasks):
        return Scaler()


@dataclass(frozen=True)
class Square(Loss):
    power: int = 2

    def __call__(self, prediction, target, batch):
        return (prediction - target).abs().pow(self.power).mean()


@dataclass(frozen=True)
class Game(AdversarialLoss):
    channels: int = 1

    def build(self, channels, size):
        return nn.Conv2d(channels, 1, size)

    def discriminator_loss(self, discriminator, real, fake, batch):
        return (discriminator(fake) - discriminator(real)).mean()

    def generator_loss(self, discriminator, fake, batch):
        return -discriminator(fake).mean()


@dataclass(frozen=True)
class Difference(Metric):
    definition: ClassVar[str] = "Mean absolute difference in [0, 255], all channels, no border left out."

    def __call__(self, prediction, target):
        return float(np.abs(prediction.astype(float) - target).mean())


@dataclass(frozen=True)
class Nothing(Restorer):
    strength: int = 0

    def __call__(self, images):
        return images


GOOD = {
    testing.check_source: Grey(),
    testing.check_degradation: Fade(),
    testing.check_task: Lightness(),
    testing.check_network: Scale(),
    testing.check_loss: Square(),
    testing.check_adversarial_loss: Game(),
    testing.check_metric: Difference(),
    testing.check_restorer: Nothing(),
}


@pytest.fixture
def light(monkeypatch):
    """Leave out the child process that imports the module: this one imports torch, for the tests' sake."""
    monkeypatch.setattr(testing, "_LIGHT", "print(False)")


@pytest.mark.parametrize("check", GOOD, ids=lambda check: check.__name__)
def test_a_good_component_passes(check, light):
    check(GOOD[check])


def broken(good, **methods):
    """The like of ``good`` with other methods, where pickle finds its class."""
    cls = type("Broken", (type(good),), methods | {"__module__": __name__, "__qualname__": "Broken"})
    globals()["Broken"] = cls
    return cls()


def net(change):
    return {"build": lambda self, tasks: Scaler(change)}


BREACHES: list[tuple[Callable, dict, str]] = [
    (testing.check_source, {"__len__": lambda self: 0}, "a source must have images"),
    (testing.check_source, {"__getitem__": lambda self, i: Item(np.zeros((9, 9, 3)), "a")}, "must be H,W,3 uint8"),
    (testing.check_source, {"__getitem__": lambda self, i: Item(np.zeros((9, 9, 3), np.uint8), "")}, "must have an id"),
    (testing.check_source, {"__getitem__": lambda self, i: Item(np.random.randint(0, 9, (9, 9, 3), np.uint8), "a")},
     "reading an image twice must give the same"),
    (testing.check_degradation, {"sample": lambda self, rng, h, w: {"factor": np.float32(np.random.rand())}},
     "Broken.sample must draw factor from rng alone: same seed, same draw"),
    (testing.check_degradation, {"sample": lambda self, rng, h, w: {"factor": rng.random(int(10 * rng.random()))}},
     "factor must keep its shape and dtype, to stack"),
    (testing.check_degradation, {"sample": lambda self, rng, h, w: {str(rng.random()): np.ones(1)}},
     "Broken.sample must always draw the same keys"),
    (testing.check_degradation, {"apply": lambda self, images, factor: images},
     r"Broken.apply returned \(3, 3, 64, 72\); with margin 2 it must be \(3, 3, 60, 68\)"),
    (testing.check_degradation, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2].double()},
     "must return finite float32"),
    (testing.check_degradation, {"apply": lambda self, images, factor: images.mul_(2)[..., 2:-2, 2:-2]},
     "Broken.apply must not change its input"),
    (testing.check_degradation,
     {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] + torch.rand(1)}, "must draw nothing: sample does"),
    (testing.check_degradation,
     {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] * factor.mean()}, "treat each image by itself"),
    (testing.check_task, {"encode": lambda self, images, sign: images}, "must return N,1,H,W"),
    (testing.check_task, {"encode": lambda self, images, sign: images[:, :1] * 2}, r"within its range \(0.0, 1.0\)"),
    (testing.check_task, {"target": lambda self, batch, sign: batch.sharp[:1]}, "Broken.target must keep the batch"),
    (testing.check_network, net(lambda out: {}), r"must return the tasks it is given: \['image'\]"),
    (testing.check_network, net(lambda out: {k: v[::-1] for k, v in out.items()}), "it must return .*coarse first"),
    (testing.check_network, net(lambda out: {k: [x.detach() for x in v] for k, v in out.items()}),
     "must have parameters that learn"),
    (testing.check_loss, {"__call__": lambda self, p, t, b: (p - t).square()}, "must return a finite scalar"),
    (testing.check_loss, {"__call__": lambda self, p, t, b: (p * 0 / 0).mean()}, "must return a finite scalar"),
    (testing.check_loss, {"__call__": lambda self, p, t, b: (p * 0).mean()}, "Broken must have a gradient"),
    (testing.check_loss, {"__call__": lambda self, p, t, b: p.detach().mean()}, "Broken must have a gradient"),
    (testing.check_loss, {"__call__": lambda self, p, t, b: -(p - t).abs().mean()}, "must be smaller where the"),
    (testing.check_adversarial_loss, {"discriminator_loss": lambda self, d, real, fake, b: d(real)},
     "Broken.discriminator_loss must return a finite scalar"),
    (testing.check_adversarial_loss, {"discriminator_loss": lambda self, d, real, fake, b: real.mean()},
     "the discriminator must learn from its loss"),
    (testing.check_adversarial_loss, {"generator_loss": lambda self, d, fake, b: d(fake)},
     "Broken.generator_loss must return a finite scalar"),
    (testing.check_adversarial_loss, {"generator_loss": lambda self, d, fake, b: d(fake.detach()).mean()},
     "the generator must get a gradient through the discriminator"),
    (testing.check_metric, {"definition": ""}, "a metric must state its definition"),
    (testing.check_metric, {"__call__": lambda self, p, t: np.float32(1)}, "a metric must return a float"),
    (testing.check_restorer, {"__call__": lambda self, images: images[..., :-1]}, "must keep the size of what"),
    (testing.check_restorer, {"__call__": lambda self, images: images / 0}, "a restorer must return finite values"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "methods", "lesson"), BREACHES)
def test_a_breach_is_told_as_a_lesson(check, methods, lesson, light):
    with pytest.raises(AssertionError, match=lesson):
        check(broken(GOOD[check], **methods))


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
    kernel: Scaler | None = None


@dataclass(frozen=True)
class Unordered(Square):
    value: object = (1, 2)


@dataclass(frozen=True)
class Weighted(Square):
    weight: float = 1.0


@pytest.mark.parametrize(
    ("component", "lesson"),
    [
        (Plain(), r"Plain must derive from restorekit\.Loss"),
        (Thawed(), "Thawed must be a frozen dataclass: its fields are the keys of its recipe table"),
        (Function(lambda x: x), r"Function must survive pickling: workers get a copy \("),
        (Foreign(), "the fields of Foreign must be of types that a recipe can state"),
        (Unordered(), "field value does not survive being written to a recipe"),
        (Weighted(), "field weight must be renamed: recipes use the key themselves"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_component_is_what_a_recipe_can_state(component, lesson, light):
    with pytest.raises(AssertionError, match=lesson):
        testing.check_loss(component)


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
        (True, "importing heavy_metric must not import torch: import it inside the methods"),
        (False, "heavy_metric must be a module that imports by itself: .*No module named 'heavy_metric'"),
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
