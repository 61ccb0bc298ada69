"""The contract kit: one call per component in a plugin's own tests.

Each check raises AssertionError with what the contract says and what the component did::

    from restorekit.testing import check_degradation

    def test_contract():
        check_degradation(MyBlur(sizes=(5,)))
"""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from restorekit.contracts import (
    AdversarialLoss,
    Batch,
    Degradation,
    Loss,
    Metric,
    Network,
    Restorer,
    Source,
    Task,
)
from restorekit.data.image_task import ImageTask
from restorekit.pyramid import pyramid
from restorekit.recipe.component import RESERVED, adapter, component_table, field_names

_LIGHT = "import sys, {module}; print('torch' in sys.modules)"

_KINDS: dict[type, str] = {Degradation: "degradation", Loss: "loss", AdversarialLoss: "loss"}


def check_component(component: object, contract: type) -> None:
    """Check what holds for all: a frozen, picklable dataclass that a recipe can state in full, in a light module."""
    cls = type(component)
    assert isinstance(component, contract), f"{cls.__name__} must derive from restorekit.{contract.__name__}"
    assert dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen, (  # type: ignore[attr-defined]
        f"{cls.__name__} must be a frozen dataclass: its fields are the keys of its recipe table"
    )
    with _lesson(f"{cls.__name__} must survive pickling: workers get a copy"):
        assert pickle.loads(pickle.dumps(component)) == component
    with _lesson(
        f"the fields of {cls.__name__} must be of types that a recipe can state: numbers, text, arrays"
    ):
        table = component_table("x", component)
        del table["type"]
        again = adapter(cls).validate_python(table, strict=False)
    for name in field_names(cls):
        assert getattr(again, name) == getattr(component, name), (
            f"field {name} does not survive being written to a recipe"
        )
    for name in field_names(cls):
        assert name not in RESERVED.get(_KINDS.get(contract, ""), {"type"}), (
            f"field {name} must be renamed: recipes use the key themselves"
        )
    command = [sys.executable, "-c", _LIGHT.format(module=cls.__module__)]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 0, f"{cls.__module__} must be a module that imports by itself: {found.stderr}"
    assert found.stdout.strip() == "False", (
        f"importing {cls.__module__} must not import torch: import it inside the methods"
    )


@contextmanager
def _lesson(message: str) -> Iterator[None]:
    """Say what the contract asks where the block fails, whichever way."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{message} ({type(error).__name__}: {error})") from error


def check_source(source: Source) -> None:
    """Check a source: a length, and H,W,3 uint8 images with ids."""
    check_component(source, Source)
    assert len(source) > 0, "a source must have images"
    item = source[len(source) - 1]
    for name, image in (("sharp", item.sharp), ("degraded", item.degraded)):
        assert image is None or (image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3), (
            f"{name} must be H,W,3 uint8 RGB"
        )
    assert item.id, "an item must have an id"
    assert np.array_equal(source[len(source) - 1].sharp, item.sharp), (
        "reading an image twice must give the same"
    )
    order = source.order(np.random.default_rng(0))
    assert sorted(order) == list(range(len(source))), "order must be a permutation of all indices"


def check_degradation(degradation: Degradation, height: int = 64, width: int = 72) -> None:
    """Check a degradation: all chance in ``sample``, stable shapes, and an output smaller by the margin alone."""
    import torch

    check_component(degradation, Degradation)
    name, margin = type(degradation).__name__, degradation.margin
    draws = [degradation.sample(np.random.default_rng(seed), height, width) for seed in (1, 1, 2)]
    assert all(draw.keys() == draws[0].keys() for draw in draws), (
        f"{name}.sample must always draw the same keys"
    )
    for key, first in draws[0].items():
        array = np.asarray(first)
        assert np.array_equal(array, draws[1][key]), (
            f"{name}.sample must draw {key} from rng alone: same seed, same draw"
        )
        other = np.asarray(draws[2][key])
        assert (array.shape, array.dtype) == (other.shape, other.dtype), (
            f"{key} must keep its shape and dtype, to stack"
        )
    params = {key: torch.from_numpy(np.stack([draw[key] for draw in draws])) for key in draws[0]}
    images = torch.rand(3, 3, height, width, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    out = degradation.apply(images, **params)
    wanted = (3, 3, height - 2 * margin, width - 2 * margin)
    assert tuple(out.shape) == wanted, (
        f"{name}.apply returned {tuple(out.shape)}; with margin {margin} it must be {wanted}"
    )
    assert out.dtype == torch.float32 and bool(out.isfinite().all()), (
        f"{name}.apply must return finite float32"
    )
    assert torch.equal(images, before), f"{name}.apply must not change its input"
    torch.manual_seed(1)
    assert torch.equal(out, degradation.apply(images, **params)), (
        f"{name}.apply must draw nothing: sample does"
    )
    alone = degradation.apply(images[:1], **{key: value[:1] for key, value in params.items()})
    assert torch.allclose(out[:1], alone, atol=1e-5), f"{name}.apply must treat each image by itself"


def check_task(task: Task) -> None:
    """Check a task: ``encode`` keeps the size, gives its channels, and stays within its range."""
    import torch

    check_component(task, Task)
    name = type(task).__name__
    draw = {
        key: torch.from_numpy(np.stack([value, value]))
        for key, value in task.sample(np.random.default_rng(0)).items()
    }
    images = torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    out = task.encode(images, **draw)
    assert tuple(out.shape) == (2, task.channels, 32, 40), f"{name}.encode must return N,{task.channels},H,W"
    low, high = task.range
    assert low <= float(out.min()) and float(out.max()) <= high, (
        f"{name}.encode must stay within its range {task.range}"
    )
    target = task.target(Batch(sharp=images, degraded=images), **draw)
    assert target.shape[0] == 2, f"{name}.target must keep the batch"


def check_network(network: Network, tasks: Mapping[str, Task] | None = None) -> None:
    """Check a network: a head per task, the pyramid's shapes out, and the image task alone."""
    import torch

    check_component(network, Network)
    name = type(network).__name__
    tasks = tasks or {"image": ImageTask()}
    size = network.size_multiple * max(2, -(-32 // network.size_multiple))
    torch.manual_seed(0)
    module = network.build(tasks)
    levels = pyramid(torch.rand(2, 3, size, size + network.size_multiple), network.scales)
    draws = {
        task: {
            key: torch.from_numpy(np.stack([value, value]))
            for key, value in component.sample(np.random.default_rng(0)).items()
        }
        for task, component in tasks.items()
    }
    inputs = {task: [c.encode(level, **draws[task]) for level in levels] for task, c in tasks.items()}
    for given in (inputs, {"image": inputs["image"]}):
        outputs = module(given)
        assert set(outputs) == set(given), f"{name} must return the tasks it is given: {sorted(given)}"
        for task, component in given.items():
            shapes = [tuple(level.shape) for level in outputs[task]]
            wanted = [tuple(level.shape) for level in component]
            assert shapes == wanted, (
                f"{name} returned {shapes} for '{task}'; it must return {wanted}, coarse first"
            )
    total = sum(level.mean() for levels in module(inputs).values() for level in levels)
    if total.requires_grad:
        total.backward()
    assert any(p.grad is not None for p in module.parameters()), f"{name} must have parameters that learn"


def check_loss(loss: Loss, size: int = 32) -> None:
    """Check a loss: a finite scalar with a gradient, smallest where the prediction is right."""
    import torch

    check_component(loss, Loss)
    name = type(loss).__name__
    rng = torch.Generator().manual_seed(0)
    target = torch.rand(2, 3, size, size, generator=rng)
    prediction = torch.rand(2, 3, size, size, generator=rng).requires_grad_()
    batch = Batch(sharp=target, degraded=target, task="image", scale=0)
    value = loss(prediction, target, batch)
    assert value.shape == () and bool(value.isfinite()), f"{name} must return a finite scalar"
    assert value.requires_grad, f"{name} must have a gradient"
    (gradient,) = torch.autograd.grad(value, prediction)
    assert bool(gradient.isfinite().all()) and bool(gradient.any()), f"{name} must have a gradient"
    assert float(loss(target, target, batch)) < value.item(), (
        f"{name} must be smaller where the prediction is right"
    )


def check_adversarial_loss(loss: AdversarialLoss, size: int = 64) -> None:
    """Check an adversarial loss: its discriminator takes the size, and both sides have gradients."""
    import torch

    check_component(loss, AdversarialLoss)
    name = type(loss).__name__
    torch.manual_seed(0)
    discriminator = loss.build(3, size)
    real, fake = torch.rand(4, 3, size, size), torch.rand(4, 3, size, size, requires_grad=True)
    batch = Batch(sharp=real, degraded=real, task="image", scale=0)
    value = loss.discriminator_loss(discriminator, real, fake.detach(), batch)
    assert value.shape == () and bool(value.isfinite()), (
        f"{name}.discriminator_loss must return a finite scalar"
    )
    if value.requires_grad:
        value.backward()
    assert any(p.grad is not None for p in discriminator.parameters()), (
        "the discriminator must learn from its loss"
    )
    value = loss.generator_loss(discriminator, fake, batch)
    assert value.shape == () and bool(value.isfinite()), f"{name}.generator_loss must return a finite scalar"
    if value.requires_grad:
        value.backward()
    assert fake.grad is not None and bool(fake.grad.any()), (
        "the generator must get a gradient through the discriminator"
    )


def check_metric(metric: Metric) -> None:
    """Check a metric: a stated definition, and a float from two H,W,3 uint8 pictures."""
    check_component(metric, Metric)
    assert metric.definition, "a metric must state its definition: range, border, channels, window"
    rng = np.random.default_rng(0)
    picture, other = rng.integers(0, 256, (2, 32, 40, 3), dtype=np.uint8)
    assert isinstance(metric(picture, other), float), "a metric must return a float"


def check_restorer(restorer: Restorer) -> None:
    """Check a restorer: pictures of any size of at least 16 pixels come out at their own size."""
    import torch

    check_component(restorer, Restorer)
    for height, width in ((16, 16), (37, 53)):
        out = restorer(torch.rand(1, 3, height, width))
        assert tuple(out.shape) == (1, 3, height, width), "a restorer must keep the size of what it restores"
        assert bool(out.isfinite().all()), "a restorer must return finite values"
