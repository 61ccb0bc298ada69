"""Where a run computes, and in what precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit.device import bf16_pays, memory_format
from restorekit.training.processes import Processes

if TYPE_CHECKING:
    import torch
    from torch import nn


class Compute:
    """The device of this process and the numbers that it computes in.

    Args:
        processes: Where each of the run's processes computes.
        precision: fp32, bf16, or auto: bf16 where the device does it well.

    Attributes:
        device: The device.
        precision: fp32 or bf16, in which networks and losses are computed; weights and their gradients are fp32.
        layout: The memory format in which the device convolves fastest.
    """

    def __init__(self, processes: Processes, precision: str) -> None:
        import torch

        self.processes, self.device = processes, processes.device
        if self.device.type == "cuda":
            # Sizes stay the same for a whole stage, so trying out pays; but what is tried out may differ to the bit.
            torch.backends.cudnn.benchmark = not torch.are_deterministic_algorithms_enabled()
            if self.device.index is not None:
                torch.cuda.set_device(self.device)
        if precision == "auto":
            precision = "bf16" if bf16_pays(self.device) else "fp32"
        self.precision = precision
        self.layout = memory_format(self.device)

    def autocast(self) -> torch.autocast:
        """Return a context in which torch computes in the run's precision what bears it."""
        import torch

        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def place(self, module: nn.Module) -> nn.Module:
        """Move a module to the device.

        Of several processes its batch norms see the whole batch, where torch can do that: on GPUs.
        """
        from torch import nn

        if self.processes.count > 1 and self.device.type == "cuda":
            module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
        return module.to(self.device, memory_format=self.layout)  # type: ignore[call-overload, no-any-return]
