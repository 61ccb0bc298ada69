"""Optimisers, schedules and averaged weights, all timm's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError
from restorekit.recipe.schema import OptimTable, Schedule

if TYPE_CHECKING:
    from timm.scheduler.scheduler import Scheduler
    from timm.utils import ModelEmaV3
    from torch import nn
    from torch.optim import Optimizer


def make_optimizer(module: nn.Module, table: OptimTable) -> Optimizer:
    """Make the optimiser that a table describes.

    Raises:
        RestorekitError: timm knows none of that name, or it takes no betas.
    """
    from timm.optim import create_optimizer_v2

    options: dict[str, Any] = {} if table.betas is None else {"betas": table.betas}
    try:
        return create_optimizer_v2(
            module, opt=table.type, lr=table.lr, weight_decay=table.weight_decay, **options
        )
    except (ValueError, TypeError) as error:
        raise RestorekitError(f"optimiser '{table.type}': {error}", "choose another one of timm's") from None


def make_schedule(
    optimizer: Optimizer, schedule: Schedule, *, lr: float, steps: int, warmup: int
) -> Scheduler:
    """Make the schedule of one stage; it is a function of the step in the stage and keeps no state.

    Args:
        optimizer: Whose rate it sets.
        schedule: constant, or cosine down to zero.
        lr: The stage's rate.
        steps: The stage's length.
        warmup: Steps of linear rise from zero.
    """
    from timm.scheduler import CosineLRScheduler, StepLRScheduler

    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = lr
    options: dict[str, Any] = {"warmup_t": warmup, "warmup_lr_init": 0.0, "t_in_epochs": False}
    if schedule == "cosine":
        return CosineLRScheduler(optimizer, t_initial=steps, **options)
    return StepLRScheduler(optimizer, decay_t=steps + 1, decay_rate=1.0, **options)


def make_ema(module: nn.Module, decay: float) -> ModelEmaV3 | None:
    """Return averaged weights whose decay rises with the steps towards ``decay``; None if it is zero."""
    from timm.utils import ModelEmaV3

    return ModelEmaV3(module, decay=decay, use_warmup=True, foreach=True) if decay else None
