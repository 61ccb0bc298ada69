"""What a device can do, and what a step asks of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

SIDES = {"cuda": 8192, "cpu": 2048}
"""Sides of the matrices: large enough that nothing but the multiplication counts."""

SECONDS = 1.0
"""For how long products are taken; the best of them is the rate."""


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def matmul_rate(device: torch.device, precision: str) -> float:
    """Measure the product of two large matrices on the threads at hand; return its best rate in TFLOP/s.

    Args:
        device: Where.
        precision: ``fp32`` or ``bf16``.
    """
    import torch

    side = SIDES.get(device.type, 4096)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.randn(side, side, generator=generator).to(device, dtype) for _ in range(2))
    best, end = float("inf"), 0.0
    torch.mm(left, right)  # the first one also sets up
    synchronize(device)
    while end < SECONDS:
        since = time.perf_counter()
        torch.mm(left, right)
        synchronize(device)
        taken = time.perf_counter() - since
        best, end = min(best, taken), end + taken
    return 2 * side**3 / best / 1e12


def count_flops(function: Callable[[], Any]) -> int:
    """Return the floating-point operations of the products and convolutions that a call makes, backward included."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        function()
    return int(counter.get_total_flops())


def reset_peak(device: torch.device) -> None:
    """Forget the peak so far, where the device allows it."""
    import torch

    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory(device: torch.device) -> int | None:
    """Return the most bytes in use: of a GPU's memory since the last reset, else of this process; None if unknown."""
    import torch

    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
