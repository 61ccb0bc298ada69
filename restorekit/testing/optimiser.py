"""The contracts of optimisers and schedules."""

from __future__ import annotations

import math

from restorekit.contracts import Optimiser, Schedule
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding

_BUILD = "def build(self, module, *, fused=False):\n    return torch.optim.SGD(module.parameters(), self.lr)"


def check_optimiser(optimiser: Optimiser) -> None:
    """Check an optimiser: it changes weights that have a gradient, at the rate that it states.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(optimiser, Optimiser)
    name = type(optimiser).__name__
    demand(
        isinstance(optimiser.lr, float) and optimiser.lr > 0,
        f"the lr of {name} is {optimiser.lr!r}",
        "it is the learning rate, above 0",
        "lr: float = 1e-4",
    )
    torch.manual_seed(0)
    module = torch.nn.Linear(4, 4)
    before = module.weight.detach().clone()
    with demanding(f"{name} takes no step", "build returns an optimiser of torch for a module", _BUILD):
        built = optimiser.build(module)
        for _ in range(3):
            built.zero_grad()
            module(torch.ones(2, 4)).square().mean().backward()
            built.step()
    demand(
        all(group["lr"] == optimiser.lr for group in built.param_groups),
        f"the groups of {name} have other rates than its lr",
        "the rate of each group is the lr, which the core lets rise and fall",
        _BUILD,
    )
    demand(
        not torch.equal(before, module.weight) and bool(module.weight.isfinite().all()),
        f"{name} left the weights as they were, or made them no numbers",
        "a step changes what has a gradient",
        _BUILD,
    )


def check_schedule(schedule: Schedule, steps: int = 100) -> None:
    """Check a schedule: a finite factor that is not negative, and depends on nothing but the step.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(schedule, Schedule)
    name = type(schedule).__name__
    factors = [schedule.factor(step, steps) for step in range(steps)]
    for step, factor in enumerate(factors):
        demand(
            isinstance(factor, float) and math.isfinite(factor) and factor >= 0,
            f"the factor of {name} at step {step} of {steps} is {factor!r}",
            "it is what the rate is multiplied by: a finite float, not negative",
            "def factor(self, step, steps):\n    return 1 - step / steps",
        )
    demand(
        factors[::-1] == [schedule.factor(step, steps) for step in reversed(range(steps))],
        f"{name} gives other factors when it is asked in another order",
        "a factor depends on the step alone, so that a run can be resumed",
        "def factor(self, step, steps):\n    return 1 - step / steps",
    )
