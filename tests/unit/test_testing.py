"""The contract kit: what keeps the contract passes, and each breach is told as a lesson."""

import re
import textwrap
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
from restorekit.data.image_task import ImageTask


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
        return {"factor": np.array(1 - self.strength * rng.random(), np.float32)}

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

    @property
    def margin(self):
        return 3

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

    def restore(self, images):
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
    monkeypatch.setattr("restorekit.testing.component._LIGHT", "print(False)")


@pytest.mark.parametrize("check", GOOD, ids=lambda check: check.__name__)
def test_a_good_component_passes(check, light):
    check(GOOD[check])


def test_a_network_is_checked_with_all_its_tasks(light):
    testing.check_network(GOOD[testing.check_network], {"image": ImageTask(), "lightness": Lightness()})


def broken(good, **methods):
    """The like of ``good`` with other methods, where pickle finds its class."""
    cls = type("Broken", (type(good),), methods | {"__module__": __name__, "__qualname__": "Broken"})
    globals()["Broken"] = cls
    return cls()


def net(change):
    return {"build": lambda self, tasks: Scaler(change)}


def drawing(value):
    """A sample method that draws one thing."""
    return {"sample": lambda self, rng, height, width: {"factor": value(rng)}}


def reading(item):
    return {"__getitem__": lambda self, index: item(index)}


def black(shape=(9, 9, 3), dtype=np.uint8):
    return np.zeros(shape, dtype)


@dataclass(frozen=True)
class Counter:
    """Remembers what a component must not."""

    calls: list

    def __call__(self):
        self.calls.append(0)
        return len(self.calls)


def averaged(outputs):
    return {task: [level + level.mean() for level in levels] for task, levels in outputs.items()}


def seeded(self, tasks):
    torch.seed()
    module = Scaler()
    nn.init.normal_(module.factor)
    return module


COUNT = Counter([])
SOURCE, DEGRADATION, TASK = testing.check_source, testing.check_degradation, testing.check_task
NETWORK, LOSS, GAME = testing.check_network, testing.check_loss, testing.check_adversarial_loss
METRIC, RESTORER = testing.check_metric, testing.check_restorer

BREACHES: list[tuple[Callable, dict, str]] = [
    (SOURCE, {"__len__": lambda self: 0}, "Broken has no images"),
    (SOURCE, reading(lambda i: black()), r"Broken\[1\] is uint8 of shape \(9, 9, 3\)"),
    (SOURCE, reading(lambda i: Item(black(dtype=float), "a")), "the sharp image of .* is float64 of shape"),
    (SOURCE, reading(lambda i: Item(black(), "a", degraded=black((9, 9)))), "the degraded image of .* is uint8 of"),
    (SOURCE, reading(lambda i: Item(None, "a")), "the sharp image of .* is a NoneType"),
    (SOURCE, reading(lambda i: Item(black(), "a", degraded=black((5, 5, 3)))), "the pair .* is .* and uint8 of"),
    (SOURCE, reading(lambda i: Item(black(), "")), "has the id ''"),
    (SOURCE, reading(lambda i: Item(black(), "a")), r"Broken\[0\] and Broken\[1\] both have the id 'a'"),
    (SOURCE, reading(lambda i: Item(np.random.randint(0, 9, (9, 9, 3), np.uint8), str(i))), "another image the second"),
    (SOURCE, {"order": lambda self, rng: rng.permutation(len(self) - 1)}, "order of Broken has not every index once"),
    (SOURCE, {"order": lambda self, rng: [0, 0]}, "order of Broken has not every index once"),
    (SOURCE, {"order": lambda self, rng: None}, "the order of Broken is not an order"),
    (SOURCE, {"order": lambda self, rng: np.roll([0, 1], COUNT())}, "orders its images differently from the same seed"),

    (DEGRADATION, {"margin": 2.0}, "the margin of Broken is 2.0"),
    (DEGRADATION, {"margin": -1}, "the margin of Broken is -1"),
    (DEGRADATION, {"sample": lambda self, rng, h, w: np.ones(1)}, r"Broken.sample returned float64 of shape \(1,\)"),
    (DEGRADATION, drawing(lambda rng: [rng.random()]), "Broken.sample drew factor as a list"),
    (DEGRADATION, drawing(lambda rng: rng.random()), "Broken.sample drew factor as a float"),
    (DEGRADATION, drawing(lambda rng: np.array("fog")), "Broken.sample drew factor as <U3 of shape"),
    (DEGRADATION, drawing(lambda rng: np.float32(np.random.rand())), "drew factor differently from the same seed"),
    (DEGRADATION, drawing(lambda rng: np.float32(COUNT())), "drew factor differently from the same seed"),
    (DEGRADATION, drawing(lambda rng: rng.random(int(10 * rng.random()))), "drew factor as float64 of shape .* once a"),
    (DEGRADATION, drawing(lambda rng: np.array(rng.choice([1, 0.5]) if rng.random() < 0.5 else 1)),
     r"drew factor as \w+ of shape \(\) once and as \w+ of shape \(\) once"),
    (DEGRADATION, {"sample": lambda self, rng, h, w: {str(rng.random()): np.ones(1)}}, r"drew \['.*'\] once and \["),
    (DEGRADATION, {"apply": lambda self, images: images}, r"Broken.apply failed on what .*\(TypeError: .*'factor'"),
    (DEGRADATION, {"apply": lambda self, images, factor: images},
     r"apply made float32 of shape \(3, 3, 64, 72\) of .*, and its margin is 2"),
    (DEGRADATION, {"apply": lambda self, images, factor: None}, "Broken.apply made a NoneType of float32"),
    (DEGRADATION, {"margin": 40}, r"apply made float32 of shape \(3, 3, 92, 92\) of .*, and its margin is 40"),
    (DEGRADATION, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2].double()}, "returned float64"),
    (DEGRADATION, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] / 0}, "not all finite"),
    (DEGRADATION, {"apply": lambda self, images, factor: images.mul_(2)[..., 2:-2, 2:-2]}, "apply changed its input"),
    (DEGRADATION, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] + torch.rand(1)},
     "apply gave something else the second time"),
    (DEGRADATION, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] * factor.mean()}, "an image alone"),
    (DEGRADATION, {"apply": lambda self, images, factor: images[..., 2:-2, 2:-2] * factor[0]}, "an image alone"),

    (TASK, {"encode": lambda self, images, sign: images}, r"made .* \(2, 3, 32, 40\) of .*, and its channels are 1"),
    (TASK, {"encode": lambda self, images, sign: images[:, :1] * 2}, "made values from 0.* to 2"),
    (TASK, {"encode": lambda self, images: images[:, :1]}, "encode failed on what Broken.sample drew"),
    (TASK, {"encode": lambda self, images, sign: images.mul_(0.5)[:, :1]}, "changed its input"),
    (TASK, {"encode": lambda self, images, sign: torch.rand(2, 1, 32, 40)}, "something else the second time"),
    (TASK, {"sample": lambda self, rng: {"sign": np.array(COUNT())}}, "Broken.sample drew sign differently"),
    (TASK, {"sample": lambda self, rng: {"sign": 1}}, "Broken.sample drew sign as a int"),
    (TASK, {"target": lambda self, batch, sign: batch.sharp[:1]}, r"target is .* \(1, 3, 32, 40\) for a batch of 2"),

    (NETWORK, {"scales": 0}, "the scales of Broken are 0"),
    (NETWORK, {"scales": 3, "size_multiple": 2}, "Broken has 3 scales and the size multiple 2"),
    (NETWORK, {"heads": ("gradient",)}, r"Broken serves \('gradient',\)"),
    (NETWORK, {"build": lambda self, tasks: Scaler() if torch.ones(1).item() else None},
     "Broken does not build on torch's meta device"),
    (NETWORK, {"build": seeded}, "Broken.build gave other weights from the same seed"),
    (NETWORK, net(lambda out: out["face"]), r"Broken failed on the tasks \['image'\] \(KeyError"),
    (NETWORK, net(lambda out: {}), r"Broken returned \[\] when it was given \['image'\]"),
    (NETWORK, net(lambda out: {k: v[::-1] for k, v in out.items()}), r"returned \[.*\] for the task image"),
    (NETWORK, net(lambda out: {k: [x.detach() for x in v] for k, v in out.items()}), "no parameter of Broken has a"),
    (NETWORK, {"margin": 1.5}, "the margin of Broken is 1.5"),
    (NETWORK, net(averaged), "a pixel of Broken saw what is 8 pixels away, and its margin is 3"),

    (LOSS, {"__call__": lambda self, p, t, b: (p - t).square()}, r"Broken returned float32 of shape \(2, 3, 32, 32\)"),
    (LOSS, {"__call__": lambda self, p, t, b: 1.0}, "Broken returned a float"),
    (LOSS, {"__call__": lambda self, p, t, b: (p * 0 / 0).mean()}, "Broken returned nan"),
    (LOSS, {"__call__": lambda self, p, t, b: (p * 0).mean()}, "Broken gives the prediction no gradient"),
    (LOSS, {"__call__": lambda self, p, t, b: p.detach().mean()}, "Broken gives the prediction no gradient"),
    (LOSS, {"__call__": lambda self, p, t, b: -(p - t).abs().mean()}, "is -?0 for a prediction that is right, and -0"),

    (GAME, {"discriminator_loss": lambda self, d, real, fake, b: d(real)}, "discriminator_loss returned float32 of"),
    (GAME, {"discriminator_loss": lambda self, d, real, fake, b: real.mean()}, "no parameter of the discriminator of"),
    (GAME, {"generator_loss": lambda self, d, fake, b: d(fake)}, "Broken.generator_loss returned float32 of"),
    (GAME, {"generator_loss": lambda self, d, fake, b: d(fake.detach()).mean()}, "gives the generator no gradient"),

    (METRIC, {"definition": ""}, "the definition of Broken is ''"),
    (METRIC, {"__call__": lambda self, p, t: np.float32(1)}, r"Broken returned float32 of shape \(\)"),

    (RESTORER, {"restore": lambda self, images: images[..., :-1]}, r"made float32 of shape \(1, 3, 16, 15\) of"),
    (RESTORER, {"restore": lambda self, images: images / 0}, "Broken returned values that are not finite"),
    (RESTORER, {"restore": lambda self, images: images + torch.rand(1)}, "differently the second time"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "methods", "found"), BREACHES)
def test_a_breach_is_told_as_a_lesson(check, methods, found, light):
    with pytest.raises(AssertionError) as caught:
        check(broken(GOOD[check], **methods))
    said, contract, *example = str(caught.value).split("\n  ")
    assert re.search(found, said)
    assert contract.startswith("the contract: ")
    compile(example_of(caught), "example", "exec")


def test_chance_is_seen_wherever_the_global_generator_stands(light):
    torch.manual_seed(1)
    with pytest.raises(AssertionError, match="something else the second time"):
        testing.check_degradation(broken(Fade(), apply=lambda self, images, factor: torch.rand(3, 3, 60, 68)))


def example_of(caught):
    """The example in a lesson, as a program."""
    lines = textwrap.dedent(str(caught.value).partition("  for example:\n")[2])
    return f"def method(self):\n{textwrap.indent(lines, '    ')}"  # some are the end of a method


@pytest.mark.parametrize(
    ("check", "methods"),
    [
        (LOSS, {"__call__": lambda self, p, t, b: p}),
        (GAME, {"discriminator_loss": lambda self, d, real, fake, b: real}),
        (GAME, {"generator_loss": lambda self, d, fake, b: fake}),
        (METRIC, {"__call__": lambda self, p, t: 1}),
        (METRIC, {"definition": None}),
        (RESTORER, {"restore": lambda self, images: images[..., 1:]}),
        (TASK, {"encode": lambda self, images: images, "sample": lambda self, rng: {}}),
        (SOURCE, {"order": lambda self, rng: []}),
        (NETWORK, {"margin": "all"}),
    ],
)
def test_the_example_mends_the_breach(check, methods, light):
    with pytest.raises(AssertionError) as caught:
        check(broken(GOOD[check], **methods))
    example = textwrap.dedent(str(caught.value).partition("  for example:\n")[2])
    if example.startswith("return"):
        example = f"def {next(iter(methods))}(self, rng): {example}"
    names = {"torch": torch, "np": np, "ClassVar": ClassVar}
    exec(example, names)
    fixed = {name: value for name, value in names.items() if hasattr(GOOD[check], name)}
    assert fixed.keys() & methods.keys()
    check(broken(GOOD[check], **(methods | fixed)))


@dataclass(frozen=True)
class Demanding(Restorer):
    strength: int

    def restore(self, images):
        return images


def test_a_restorer_has_a_default_for_every_field(light):
    with pytest.raises(AssertionError, match="Demanding needs strength"):
        testing.check_restorer(Demanding(1))
