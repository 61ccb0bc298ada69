"""What keeps a run from being spoilt: steps that are no numbers, losses that explode, weights that may not be saved."""

import json
import math

import pytest
import torch
from safetensors import safe_open
from torch import nn

from restorekit import Batch, RestorekitError
from restorekit.optimisation import optimisers
from restorekit.training.guard import Guard, check_weights, save_inputs
from restorekit.training.learner import Learner
from restorekit.training.optim import load_optimizer
from restorekit.training.processes import Processes

ALONE = Processes(torch.device("cpu"))
OPTIMIZERS = [("adam", True), ("adamw", True), ("sgd", True), ("adam", False), ("lamb", False)]


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 3))


def steps(optim, fused, losses):
    """Take a step for each factor of the loss; return the network, and whether each step was left out."""
    module = network()
    optimizer = getattr(optimisers, optim)(lr=0.01).build(module, fused=fused)
    learner, found = Learner(module, optimizer, ALONE), []
    for seed, factor in losses:
        learner.begin()
        images = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
        loss = (module(images if math.isfinite(factor) else images * factor) * factor).square().mean()
        loss.backward()
        found.append(bool(learner.step(loss)[1]))
    return module, optimizer, found


@pytest.mark.parametrize(("optim", "fused"), OPTIMIZERS)
def test_a_step_that_is_no_number_leaves_no_trace(optim, fused):
    spoilt = [(0, math.nan), (1, 1.0), (2, math.inf), (3, 1.0), (4, math.nan)]
    module, optimizer, left_out = steps(optim, fused, spoilt)
    assert left_out == [True, False, True, False, True]
    wanted, plain, _ = steps(optim, fused, [(1, 1.0), (3, 1.0)])
    for name, value in wanted.state_dict().items():  # running statistics too
        assert torch.equal(module.state_dict()[name], value), name
    for mine, other in zip(module.parameters(), wanted.parameters(), strict=True):
        for key, value in plain.state[other].items():
            assert value is None or torch.equal(
                torch.as_tensor(optimizer.state[mine][key]), torch.as_tensor(value)
            )


def test_an_infinite_gradient_of_a_finite_loss_is_left_out():
    weight = nn.Module()
    weight.x = nn.Parameter(torch.zeros(2))
    learner = Learner(weight, torch.optim.SGD(weight.parameters(), lr=1.0), ALONE)
    learner.begin()
    loss = weight.x.sqrt().sum()
    loss.backward()
    norm, left_out = learner.step(loss)
    assert loss.isfinite() and not norm.isfinite() and left_out and torch.equal(weight.x, torch.zeros(2))


def test_the_gradient_is_clipped_and_its_norm_that_of_before():
    weight = nn.Module()
    weight.x = nn.Parameter(torch.tensor([0.0, 0.0]))
    learner = Learner(weight, torch.optim.SGD(weight.parameters(), lr=1.0), ALONE)
    learner.begin()
    loss = 3 * weight.x[0] + 4 * weight.x[1]
    loss.backward()
    norm, _ = learner.step(loss, clip=1.0)
    assert norm.item() == 5.0 and weight.x.tolist() == pytest.approx([-0.6, -0.8], rel=1e-5)


def guard(most=3):
    return Guard(torch.device("cpu"), most, ALONE)


def test_steps_left_out_in_a_row_end_a_run_and_others_do_not():
    counted, left, taken = guard(), torch.tensor(True), torch.tensor(False)
    for verdict in (left, left, taken, left, left):
        counted.count(torch.tensor(1.0), verdict)
        assert not counted.at_an_end
    again = guard()
    again.load_state(counted.state())  # a run resumed in between goes on counting
    again.count(torch.tensor(1.0), left)
    assert again.at_an_end and again.in_a_row == 3 and again.skipped == 5


def watch(watched, losses, stage=0, step=1):
    for loss in losses:
        watched.count(torch.tensor(loss), torch.tensor(not math.isfinite(loss)))
    watched.watch(stage, step)


def test_a_mean_a_hundred_times_the_lowest_of_its_stage_ends_the_run():
    watched = guard()
    watch(watched, [0.5, 0.3])
    watch(watched, [0.1, math.nan])
    watch(watched, [9.9])  # 99 times the lowest
    watch(watched, [math.nan])
    watch(watched, [50.0], stage=1)  # another stage, another sum of losses
    watch(watched, [0.2], stage=1)
    again = guard()
    again.load_state(watched.state())
    with pytest.raises(
        RestorekitError, match=r"the loss has risen from 0\.2 to 21 by step 9; the last saved"
    ):
        watch(again, [21.0], stage=1, step=9)


def test_an_explosion_before_the_first_mean_is_seen_by_the_first_loss():
    with pytest.raises(RestorekitError, match=r"the loss has risen from 0\.1 to "):
        watch(guard(), [0.1, 3.0, 500.0])


def test_weights_that_are_not_finite_are_not_saved():
    module = network()
    check_weights({"generator": module}, 7)
    with torch.no_grad():
        module[2].weight[0, 0, 0, 0] = math.inf
    with pytest.raises(
        RestorekitError, match="weights of the generator are not finite at step 7; the last saved"
    ):
        check_weights({"generator": module}, 7)


def test_the_inputs_of_a_step_are_saved_for_inspection(tmp_path):
    params = {"blur": {"kernel": torch.rand(2, 5, 5)}}
    batch = Batch(torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4).transpose(2, 3), params, ids=["a", "b"])
    save_inputs(tmp_path / "it.safetensors", batch, 12)
    with safe_open(tmp_path / "it.safetensors", "pt") as file:
        assert set(file.keys()) == {"sharp", "degraded", "params/blur/kernel"}
        assert torch.equal(file.get_tensor("degraded"), batch.degraded)
        assert torch.equal(file.get_tensor("params/blur/kernel"), params["blur"]["kernel"])
        assert file.metadata()["step"] == "12" and json.loads(file.metadata()["ids"]) == ["a", "b"]
    with pytest.raises(RestorekitError, match="cannot write .*it.safetensors"):
        save_inputs(tmp_path / "no" / "it.safetensors", batch, 12)


def test_a_loaded_optimiser_keeps_the_settings_of_the_recipe():
    module = network()
    before = optimisers.adamw(lr=0.01, weight_decay=0.3).build(module, fused=True)
    module(torch.rand(1, 3, 8, 8)).sum().backward()
    before.step()
    optimizer = optimisers.adamw(lr=0.5, betas=(0.5, 0.6), weight_decay=0.1).build(module, fused=True)
    load_optimizer(optimizer, before.state_dict())
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.0, 0.1]
    assert all((group["lr"], group["betas"]) == (0.5, (0.5, 0.6)) for group in optimizer.param_groups)
    assert all(optimizer.state[p]["step"] == 1 for p in module.parameters())
