"""What makes a step fast changes nothing of what it does."""

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from restorekit import RestorekitError, load_recipe
from restorekit.data.loader import batches
from restorekit.data.samples import stage_samples
from restorekit.optimisation import optimisers
from restorekit.training import compute, networks
from restorekit.training.failures import explained
from restorekit.training.optim import load_optimizer
from restorekit.training.processes import Processes
from restorekit.training.spans import spans
from restorekit.training.trainer import Trainer

SMALL = (
    "network.widths=[4, 4, 4]",
    "data.batch=2",
    "data.size=32",
    "loss.adversarial.channels=2",
    "loss.perceptual.weight=0.1",
    "degradation.0.sizes=[5]",
    "degradation.0.kernels=0",
    "train.precision=fp32",
)


@pytest.fixture
def made():
    """Make a trainer of all three losses, its last stage, and two batches."""

    def make(*overrides):
        recipe = load_recipe("face_mt_tiny", [*SMALL, *overrides])
        stage = recipe.stages[-1]
        drawn = batches(stage_samples(recipe, stage), first=0, count=2, batch=2, workers=0)
        made = Trainer(recipe, Processes(torch.device("cpu")))
        made.enter(spans(recipe.stages)[-1])
        return made, list(drawn)

    return make


class NoValues(TorchDispatchMode):
    """Fails where a tensor is asked for a value, or for a shape that depends on its values."""

    ASKING = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "is_nonzero", "equal")

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        name = function.overloadpacket.__name__
        masks = arguments[1] if name == "index" else ()
        if name in self.ASKING or any(mask is not None and mask.dtype == torch.bool for mask in masks):
            raise AssertionError(f"{name} makes the program wait for the device")
        return function(*arguments, **options or {})


@pytest.mark.parametrize("overrides", [(), ("train.accumulate=2",)])
def test_a_step_of_all_losses_asks_for_no_value(made, overrides):
    training, (first, second) = made(*overrides)
    training.step(first)  # the optimisers make their state
    with NoValues():
        training.step(second, watch=True)


def test_the_watch_itself_would_see_a_value_asked_for():
    with NoValues(), pytest.raises(AssertionError, match="wait"):
        torch.ones(()).item()


def test_channels_last_gives_the_same_steps(made, monkeypatch):
    plain, drawn = made("optim.type=sgd")
    monkeypatch.setattr(compute, "memory_format", lambda device: torch.channels_last)
    last, *_ = made("optim.type=sgd")
    for batch in drawn:
        wanted, _ = plain.step(batch)
        found, _ = last.step(batch)
        assert found.keys() == wanted.keys()
        for name in wanted:
            torch.testing.assert_close(found[name], wanted[name], atol=1e-5, rtol=1e-4)
    layouts = [
        p.is_contiguous(memory_format=torch.channels_last)
        for p in last.networks.averaged.parameters()
        if p.dim() == 4
    ]
    assert all(layouts)


def test_a_fused_optimiser_goes_on_alike_though_its_state_was_laid_out_otherwise():
    torch.manual_seed(0)
    inputs = [torch.rand(2, 3, 6, 6) for _ in range(3)]
    module = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    optimizer = optimisers.adamw(lr=1e-2).build(module, fused=True)

    def step(module, optimizer, images):
        optimizer.zero_grad()
        module(images).square().mean().backward()
        optimizer.step()

    for images in inputs[:2]:
        step(module, optimizer, images)
    other = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    resumed = optimisers.adamw(lr=1e-2).build(other, fused=True)
    state = optimizer.state_dict()
    state["state"] = {
        n: {key: value.contiguous().clone() for key, value in each.items()}
        for n, each in state["state"].items()
    }  # as a file holds it
    other.load_state_dict(module.state_dict())
    load_optimizer(resumed, state)
    step(module, optimizer, inputs[2])
    step(other, resumed, inputs[2])
    assert torch.equal(module.weight, other.weight)


@pytest.mark.parametrize(
    ("name", "fused"), [("adam", True), ("adamw", True), ("sgd", True), ("nadamw", None)]
)
def test_torchs_own_optimisers_are_fused_and_others_taken_as_they_are(name, fused):
    optimizer = getattr(optimisers, name)().build(nn.Conv2d(3, 3, 1), fused=True)
    assert optimizer.defaults.get("fused") is fused
    assert not getattr(optimisers, name)().build(nn.Conv2d(3, 3, 1), fused=False).defaults.get("fused")


@pytest.mark.parametrize(
    ("key", "pays", "compiled"),
    [("true", False, 1), ("auto", False, 0), ("auto", True, 1), ("false", True, 0)],
)
def test_the_network_alone_is_compiled_where_the_recipe_or_the_device_says_so(
    key, pays, compiled, made, monkeypatch
):
    calls = []
    monkeypatch.setattr(networks, "compile_pays", lambda device: pays)
    monkeypatch.setattr(nn.Module, "compile", lambda module, **options: calls.append(module))
    training, *_ = made(f"train.compile={key}")
    assert len(calls) == compiled and all(module is training._generator.module for module in calls)


def test_a_network_that_cannot_be_compiled_is_one_line():
    def broken(graph, inputs):
        raise ValueError("no compiler\nat all")

    module = nn.Conv2d(3, 3, 1)
    module.compile(backend=broken)
    message = "^torch cannot compile the network here: .*no compiler.*; set train.compile = false$"
    with pytest.raises(RestorekitError, match=message), explained(load_recipe("face_mt_tiny", SMALL)):
        module(torch.rand(1, 3, 4, 4))
