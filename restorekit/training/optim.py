"""What optimisers have learnt, their rates, and averaged weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restorekit.recipe import Stage

SETTINGS = frozenset({"lr", "initial_lr", "betas", "weight_decay", "fused", "foreach"})
"""What of an optimiser is said by the recipe and the device, and not learnt."""

if TYPE_CHECKING:
    from timm.utils import ModelEmaV3
    from torch import nn
    from torch.optim import Optimizer


def load_optimizer(optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """Fill in what an optimiser has learnt, laid out as its weights are; its settings stay those of the recipe.

    A fused one takes its averages and the weights for equal, element by element.
    """
    import torch

    own = [{key: group[key] for key in SETTINGS & group.keys()} for group in optimizer.param_groups]
    optimizer.load_state_dict(dict(state))
    for group, settings in zip(optimizer.param_groups, own, strict=True):
        group.update(settings)
    for parameter, learnt in optimizer.state.items():
        for name, value in learnt.items():
            if torch.is_tensor(value) and value.shape == parameter.shape:
                learnt[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


class Rates:
    """The learning rate of a stage, a function of the step in it.

    Args:
        optimizer: Whose rate it sets.
        stage: Its rate, its length, and how the rate goes.
        warmup: Steps of linear rise from zero.
    """

    def __init__(self, optimizer: Optimizer, stage: Stage, warmup: int) -> None:
        self._optimizer, self._stage, self._warmup = optimizer, stage, warmup
        self.set(0)

    def set(self, step: int) -> None:
        """Set the rate for the step that follows ``step`` steps of the stage."""
        stage, rising = self._stage, self._warmup > max(step, 0)
        factor = step / self._warmup if rising else stage.schedule.factor(step, stage.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = stage.lr * factor


def make_ema(module: nn.Module, decay: float) -> ModelEmaV3 | None:
    """Return averaged weights whose decay rises with the steps towards ``decay``; None if it is zero."""
    from timm.utils import ModelEmaV3

    return ModelEmaV3(module, decay=decay, use_warmup=True, foreach=True) if decay else None
