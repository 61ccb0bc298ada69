"""Optimisers, schedules and averaged weights, all timm's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError
from restorekit.recipe.build import Stage
from restorekit.recipe.schema import OptimTable

SETTINGS = frozenset({"lr", "initial_lr", "betas", "weight_decay", "fused", "foreach"})
"""What of an optimiser is said by the recipe and the device, and not learnt."""

if TYPE_CHECKING:
    from timm.scheduler.scheduler import Scheduler
    from timm.utils import ModelEmaV3
    from torch import nn
    from torch.optim import Optimizer


def make_optimizer(module: nn.Module, table: OptimTable, *, fused: bool = True) -> Optimizer:
    """Make the optimiser that a table describes.

    Args:
        module: Whose weights it changes.
        table: Its name and settings.
        fused: Whether all weights are to be changed by one kernel, where torch has one for this optimiser.

    Raises:
        RestorekitError: timm knows none of that name, or it takes no betas.
    """
    import torch
    from timm.optim import create_optimizer_v2, get_optimizer_class

    options: dict[str, Any] = {} if table.betas is None else {"betas": table.betas}
    try:
        found = get_optimizer_class(table.type, bind_defaults=False)
        if fused and found in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD):
            options["fused"] = True
        return create_optimizer_v2(
            module, opt=table.type, lr=table.lr, weight_decay=table.weight_decay, **options
        )
    except (ValueError, TypeError) as error:
        raise RestorekitError(f"optimiser '{table.type}': {error}", "choose another one of timm's") from None


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


def stage_schedule(optimizer: Optimizer, stage: Stage, warmup: int) -> Scheduler:
    """Make the schedule of a stage; it is a function of the step in the stage and keeps no state.

    Args:
        optimizer: Whose rate it sets.
        stage: Its rate, its length, and whether the rate stays or falls to zero by half a cosine.
        warmup: Steps of linear rise from zero.
    """
    from timm.scheduler import CosineLRScheduler, StepLRScheduler

    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = stage.lr
    options: dict[str, Any] = {"warmup_t": warmup, "warmup_lr_init": 0.0, "t_in_epochs": False}
    if stage.schedule == "cosine":
        return CosineLRScheduler(optimizer, t_initial=stage.steps, **options)
    return StepLRScheduler(optimizer, decay_t=stage.steps + 1, decay_rate=1.0, **options)


def make_ema(module: nn.Module, decay: float) -> ModelEmaV3 | None:
    """Return averaged weights whose decay rises with the steps towards ``decay``; None if it is zero."""
    from timm.utils import ModelEmaV3

    return ModelEmaV3(module, decay=decay, use_warmup=True, foreach=True) if decay else None
