"""A trained network as a restorer of images of any size."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Footprint, Network, Task
from restorekit.pyramid import pyramid
from restorekit.restore.model import Restorer

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class NetworkRestorer(Restorer):
    """Widens images to what the network takes, restores them in fp32 and crops them back.

    Args:
        module: What ``network`` built, with its trained weights; it is moved to ``device``.
        network: States the number of scales and the multiple that sizes must have.
        task: The image task, which encodes what the network sees.
        geometry: The face geometry of the training, or None.
        device: Where to compute.
        name: What reports call it.
        license: Under what terms it may be used.
    """

    def __init__(
        self,
        module: nn.Module,
        network: Network,
        task: Task,
        geometry: Mapping[str, Any] | None,
        device: torch.device,
        name: str = "",
        license: str = "",
    ) -> None:
        self.module = module.to(device).eval()
        self.network = network
        self.task = task
        self.device = device
        self.name = name
        self.license = license
        self.size_multiple = math.lcm(network.size_multiple, 2 ** (network.scales - 1))
        self._geometry = geometry

    def restore(self, images: Tensor) -> Tensor:
        """Restore images.

        Args:
            images: N,3,H,W float32 RGB in [0, 1], H and W at least 16, on any device.

        Returns:
            N,3,H,W float32 on the device of ``images``, each side times the network's scale; not clamped.
        """
        import torch

        height, width = (side * self.network.scale for side in images.shape[-2:])
        with torch.inference_mode():
            widened = _widen(images.to(self.device), self.size_multiple)
            levels = [self.task.encode(level) for level in pyramid(widened, self.network.scales)]
            finest = self.module({"image": levels})["image"][-1]
            restored: Tensor = finest[..., :height, :width].to(images.device)
        return restored

    @cached_property
    def footprint(self) -> Footprint:  # type: ignore[override]
        """What the network declares, and the memory that it takes, which is measured on a small picture."""
        return Footprint(
            margin=self.network.margin,
            size_multiple=self.size_multiple,
            pixel_memory=self._pixel_memory(),
            scale=self.network.scale,
            geometry=self._geometry,
        )

    def _pixel_memory(self) -> int:
        """Bytes for each pixel: eight of the largest layers' outputs, as measured for the two first-party networks."""
        import torch
        from torch.nn.modules.module import register_module_forward_hook

        side = self.size_multiple * -(-64 // self.size_multiple)
        largest = [0]

        def note(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor):
                largest.append(output.nbytes)

        hook = register_module_forward_hook(note)
        try:
            self.restore(torch.zeros(1, 3, side, side))
        finally:
            hook.remove()
        return max(8 * max(largest) // side**2, 1)

    def free_memory(self) -> int | None:
        """Return the bytes that are free on a CUDA device; None elsewhere, as the host's memory is what counts."""
        import torch

        return torch.cuda.mem_get_info(self.device)[0] if self.device.type == "cuda" else None

    def careful(self) -> NetworkRestorer | None:
        """Return the same network on the CPU, where it computes in fp32; None if it is there."""
        import torch

        if self.device.type == "cpu":
            return None
        module, cpu = copy.deepcopy(self.module), torch.device("cpu")
        return NetworkRestorer(module, self.network, self.task, self._geometry, cpu, self.name, self.license)


def _widen(images: Tensor, multiple: int) -> Tensor:
    """Continue images to the right and below by reflection, as often as it takes to reach a multiple."""
    height, width = images.shape[-2:]
    rows, columns = (_reflected(side, -side % multiple, images.device) for side in (height, width))
    return images[..., rows, :][..., columns]


def _reflected(side: int, extra: int, device: torch.device) -> Tensor:
    """Index a side and ``extra`` pixels more, running back and forth between its ends."""
    import torch

    period = 2 * (side - 1)
    index = torch.arange(side + extra, device=device) % period
    return torch.minimum(index, period - index)
