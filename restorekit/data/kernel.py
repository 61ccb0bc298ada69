"""The one kernel that a stack of blurs comes down to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def delta(like: Tensor) -> Tensor:
    """Return the kernel that changes nothing, for each of N,K,K."""
    import torch

    unblurred = torch.zeros_like(like)
    unblurred[:, like.shape[-2] // 2, like.shape[-1] // 2] = 1
    return unblurred


def convolved(kernels: Iterable[Tensor]) -> Tensor | None:
    """Return the convolution of N,K,K with N,L,L and so on: N,K + L - 1,K + L - 1; None if there are none.

    Zeros, which stand for no single kernel, stay zeros.
    """
    from torch.nn.functional import conv2d, pad

    found: Tensor | None = None
    for kernel in kernels:
        if found is None:
            found = kernel
            continue
        reach = kernel.shape[-1] - 1
        wide = pad(found, (reach, reach, reach, reach))
        count = len(kernel)
        found = conv2d(wide[None], kernel.flip(1, 2)[:, None], groups=count)[0]
    return found
