"""A trained network as a restorer of images of any size."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Footprint, Network, Task
from restorekit.pyramid import pyramid
from restorekit.restore.facts import Predictions, telling_tasks, told_facts
from restorekit.restore.model import Restorer

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from restorekit.contracts.array import Array


class NetworkRestorer(Restorer):
    """Widens images to what the network takes, restores them in fp32 and crops them back.

    Args:
        module: What ``network`` built, with its trained weights; it is moved to ``device``.
        network: States the number of scales and the multiple that sizes must have.
        tasks: What the module has heads for; the image task encodes what the network sees.
        geometry: What its training pictures were cut to, or None.
        device: Where to compute.
        name: What reports call it.
        license: Under what terms it may be used.
    """

    def __init__(
        self,
        module: nn.Module,
        network: Network,
        tasks: Mapping[str, Task],
        geometry: Mapping[str, Any] | None,
        device: torch.device,
        name: str = "",
        license: str = "",
    ) -> None:
        self.module = module.to(device).eval()
        self.network = network
        self.tasks = tasks
        self.device = device
        self.name = name
        self.license = license
        self.size_multiple = size_multiple(network)
        self._geometry = geometry
        self._predictions = Predictions()

    def restore(self, images: Tensor) -> Tensor:
        """Restore images.

        Args:
            images: N,3,H,W float32 RGB in [0, 1], H and W at least 16, on any device.

        Returns:
            N,3,H,W float32 on the device of ``images``, each side times the network's scale; not clamped.
        """
        import torch

        with torch.inference_mode():
            finest = self._predict(images, ["image"])["image"]
            return self._cropped(finest, images).to(images.device)

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 RGB in [0, 1], and keep what `examine` may be asked."""
        import torch

        tensor, telling = torch.from_numpy(images).permute(0, 3, 1, 2), telling_tasks(self.tasks)
        with torch.inference_mode():
            predicted = self._predict(tensor, ["image", *telling])
            restored = self._cropped(predicted.pop("image"), tensor)
        self._predictions.keep(images, _arrays(predicted))
        arrays: Array = restored.permute(0, 2, 3, 1).cpu().numpy()
        return arrays

    def _cropped(self, finest: Tensor, images: Tensor) -> Tensor:
        height, width = (side * self.network.scale for side in images.shape[-2:])
        return finest[..., :height, :width]

    def _predict(self, images: Tensor, tasks: Iterable[str]) -> dict[str, Tensor]:
        """Return what the network predicts at the finest scale."""
        levels = pyramid(_widen(images.to(self.device), self.size_multiple), self.network.scales)
        inputs = {name: [self.tasks[name].encode(level) for level in levels] for name in tasks}
        return {name: outputs[-1] for name, outputs in self.module(inputs).items()}

    def examine(self, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Say of each image what the predictions of other tasks tell, such as its blur kernel."""
        import torch

        telling = telling_tasks(self.tasks)
        if not telling:
            return [{} for _ in images]
        predicted = self._predictions.of(images)
        if predicted is None:
            with torch.inference_mode():
                predicted = _arrays(self._predict(torch.from_numpy(images).permute(0, 3, 1, 2), telling))
        return told_facts(self.tasks, predicted, images, restored)

    @cached_property
    def footprint(self) -> Footprint:  # type: ignore[override]
        """What the network declares, and the memory that it takes, which is measured on a small picture."""
        return Footprint(
            margin=self.network.margin,
            size_multiple=self.size_multiple,
            pixel_memory=self._pixel_memory(),
            tile=self.network.tile,
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
        return NetworkRestorer(module, self.network, self.tasks, self._geometry, cpu, self.name, self.license)


def _arrays(predicted: Mapping[str, Tensor]) -> dict[str, Array]:
    return {name: prediction.float().cpu().numpy() for name, prediction in predicted.items()}


def size_multiple(network: Network) -> int:
    """Height and width of the pictures that a network gets are multiples of this, so that every scale fits."""
    return math.lcm(network.size_multiple, 2 ** (network.scales - 1))


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
