"""The distance of two kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Batch, Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class KernelL1(Loss):
    """L1 of two kernels, plus L1 of their sums over 3 x 3 pixels, so that a path that is off by one pixel costs less.

    Both are summed over the kernel, whatever its size (so 0 to 2, and 0 to 18), and averaged over the images that have
    one: a target of sum 0 stands for none.
    """

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,1,K,K with N,1,K,K; a scalar, 0 if no image of the batch has a kernel."""
        from torch.nn.functional import avg_pool2d

        error = prediction - target
        sums = 9 * avg_pool2d(error, 3, stride=1, padding=1)
        distance = error.abs().sum(dim=(1, 2, 3)) + sums.abs().sum(dim=(1, 2, 3))
        known = (target.sum(dim=(1, 2, 3)) > 0).to(distance.dtype)
        return (distance * known).sum() / known.sum().clamp_min(1)
