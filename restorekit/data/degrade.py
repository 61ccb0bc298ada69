"""Degrading a batch on the device: each degradation in order, for the images that undergo it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Batch
from restorekit.data.extent import consumed
from restorekit.data.kernel import convolved, delta
from restorekit.recipe import Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from restorekit.data.loader import RawBatch


def to_device(value: Any, device: torch.device) -> Any:
    """Move a tensor, or a dictionary of tensors."""
    if isinstance(value, dict):
        return {key: to_device(entry, device) for key, entry in value.items()}
    return value.to(device, non_blocking=True)


def degrade(drawn: RawBatch, steps: Sequence[Step], device: torch.device) -> Batch:
    """Turn a drawn batch into (degraded, sharp), float32 in [0, 1], of equal size unless a degradation shrinks.

    A degradation consumes its margin of every image, also of those that do not undergo it, which are centre-cropped.
    The result is clamped to [0, 1], as a file would be.
    """
    import torch

    params = to_device(drawn.params, device)
    chosen = to_device(drawn.chosen, device).unbind(dim=1)
    wide = to_device(drawn.sharp, device).float() / 255
    images = wide if drawn.degraded is None else to_device(drawn.degraded, device).float() / 255
    kernels = []
    for mark, step in zip(chosen, steps, strict=True):
        at_hand = {key: drawn.params[step.name][key] for key in step.degradation.host_draws}
        drawn_here = params[step.name] | at_hand
        out = step.degradation.apply(images, **drawn_here)
        if (kernel := step.degradation.kernel(**drawn_here)) is not None:
            kernels.append(torch.where(mark[:, None, None], kernel, delta(kernel)))
        if step.p < 1:
            keep = _without(images, step.degradation.margin)
            out = torch.where(mark[:, None, None, None], out, keep)
        images = out
    sharp = _without(wide, consumed([step.degradation for step in steps]))
    undergone = {step.name: mark for step, mark in zip(steps, chosen, strict=True)}
    return Batch(sharp, images.clamp(0, 1), params, undergone, convolved(kernels), drawn.labels, drawn.ids)


def _without(images: Tensor, margin: int) -> Tensor:
    height, width = images.shape[-2:]
    return images[..., margin : height - margin, margin : width - margin]
