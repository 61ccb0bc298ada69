"""Timm's optimisers as recipes name them, schedules, and averaged weights."""

import math

import pytest
import torch
from torch import nn

from restorekit import RestorekitError
from restorekit.optimisation import optimisers
from restorekit.optimisation.schedules import Constant, Cosine
from restorekit.recipe import Stage
from restorekit.training.optim import Rates, make_ema


def network():
    return nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3))


def test_an_optimiser_is_timms_with_no_decay_of_biases():
    optimizer = optimisers.adamw(lr=0.1, betas=(0.5, 0.9), weight_decay=0.3).build(network(), fused=True)
    decays = {group["weight_decay"]: len(group["params"]) for group in optimizer.param_groups}
    assert type(optimizer).__name__ == "AdamW" and decays == {0.3: 1, 0.0: 3}
    assert all((group["lr"], group["betas"]) == (0.1, (0.5, 0.9)) for group in optimizer.param_groups)
    with pytest.raises(RestorekitError, match=r"^optimiser 'bnbadam': .*; choose another one$"):
        optimisers.bnbadam().build(network(), fused=True)


def rates(schedule, steps, **options):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=9.0)
    made = Rates(optimizer, Stage(steps=steps, losses=(), lr=0.1, schedule=schedule), **options)
    found = []
    for step in range(steps):
        made.set(step)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_schedules_are_functions_of_the_step():
    assert rates(Constant(), 6, warmup=0) == pytest.approx([0.1] * 6)
    assert rates(Constant(), 6, warmup=4) == pytest.approx([0, 0.025, 0.05, 0.075, 0.1, 0.1])
    cosine = [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(8)]
    assert rates(Cosine(), 8, warmup=0) == pytest.approx(cosine)
    assert rates(Cosine(), 8, warmup=2)[2:] == pytest.approx(cosine[2:])


def test_averaged_weights_follow_slowly():
    module = network()
    ema = make_ema(module, 0.5)
    start = module[0].weight.detach().clone()
    with torch.no_grad():
        module[0].weight += 1
    for step in range(1000, 1002):
        ema.update(module, step)
    torch.testing.assert_close(ema.module[0].weight.detach(), start + 0.75)
    assert make_ema(module, 0.0) is None
