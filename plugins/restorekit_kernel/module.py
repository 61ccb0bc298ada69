"""The torch module of ``kernel_unet``; imported only when it is built."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from restorekit import Outputs
from restorekit_kernel.connected_module import FullyConnected
from restorekit_kernel.quotient_module import CleanUp, Filters, Quotient
from restorekit_kernel.scale_space import enlarge, fit, sizes
from restorekit_kernel.trust_module import ramp, reblur_error, spread, structure
from restorekit_kernel.unet_module import UNet
from restorekit_kernel.wiener_module import WienerStep

KERNEL = "kernel"
FEATURES = "features"
QUOTIENT = "quotient"
BOUND = 2.0
"""Largest magnitude of an estimate: a step that goes astray in training must not feed on itself scale by scale."""


class KernelUNetModule(nn.Module):
    """Estimate, kernel, deconvolution, clean-up, coarse to fine; ``KernelUNet`` documents the arguments."""

    def __init__(
        self,
        pictures: Sequence[str],
        *,
        widths: Sequence[int],
        blocks: Sequence[int],
        second_widths: Sequence[int],
        second_blocks: Sequence[int],
        groups: int,
        channels: int,
        filter_size: int,
        kernel_size: int,
        estimator: str,
        cleanup: tuple[int, int],
        strengths: int,
        scales: int,
        sharp: tuple[float, float] | None = None,
        unexplained: tuple[float, float] | None = None,
        flat: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        changes = dict.fromkeys(pictures, 3)
        self.first = UNet(9, changes | {FEATURES: groups * channels}, widths, blocks)
        self.filters = Filters(groups * channels, filter_size)
        # Its name is that of its weights in a bundle, whatever estimates.
        self.quotient = (
            Quotient(groups) if estimator == QUOTIENT else FullyConnected(groups * channels, kernel_size)
        )
        self.cleanup = CleanUp(self.quotient.maps + 1, *cleanup)
        self.before, self.after = WienerStep(1), WienerStep(strengths)
        self.second = UNet(9 + 3 * strengths, changes, second_widths, second_blocks)
        self.kernel_sizes = sizes(kernel_size, scales)
        self.sharp, self.unexplained, self.flat = sharp, unexplained, flat

    def forward(self, inputs: Outputs) -> Outputs:
        """Map ``{task: [coarse ... fine]}`` to the same; pictures of all tasks pass as one batch.

        The kernel is estimated from the image; where that is not asked for, from its own input, which is the image.
        """
        rows = {task: levels for task, levels in inputs.items() if task != KERNEL}
        if KERNEL in inputs and "image" not in rows:
            rows["image"] = inputs[KERNEL]
        finest = next(iter(rows.values()))[-1]
        # Sizes are not known yet where a graph is exported.
        if not torch.onnx.is_in_onnx_export() and min(finest.shape[-2:]) < self.kernel_sizes[-1]:
            return self._unknown(inputs)
        counts = [
            levels[-1].shape[0] for levels in rows.values()
        ]  # not len, which an exporter takes for a constant
        outputs: Outputs = {task: [] for task in inputs}
        restored: Tensor | None = None
        kernel: Tensor | None = None
        for level, size in enumerate(self.kernel_sizes):
            blurred = torch.cat([levels[level] for levels in rows.values()])
            restored, kernel = self._level(blurred, restored, kernel, size, list(rows), counts)
            if level == len(self.kernel_sizes) - 1 and not self.training:
                restored = self._trusted(blurred, restored, kernel)
            parts = zip(rows, restored.split(counts), kernel.split(counts), strict=True)
            for task, picture, its_kernel in parts:
                if task in outputs:
                    outputs[task].append(picture)
                if task == "image" and KERNEL in outputs:
                    outputs[KERNEL].append(its_kernel)
        return outputs

    def _unknown(self, inputs: Outputs) -> Outputs:
        """Leave alone what is smaller than a kernel, which cannot be found in it; its kernel is a delta."""
        outputs = dict(inputs)
        if KERNEL in inputs:
            one = inputs[KERNEL][-1].new_ones(inputs[KERNEL][-1].shape[0], 1, 1, 1)
            outputs[KERNEL] = [fit(one, size) for size in self.kernel_sizes]
        return outputs

    def _trusted(self, blurred: Tensor, restored: Tensor, kernel: Tensor) -> Tensor:
        """Leave alone what is sharp or flat, to the bit, and pull back what does not explain its input."""
        share = torch.ones_like(kernel[:, :1, :1, :1])
        if self.sharp is not None:
            share = share * ramp(spread(kernel), *self.sharp).view(-1, 1, 1, 1)
        if self.flat is not None:
            share = share * ramp(structure(blurred), *self.flat).view(-1, 1, 1, 1)
        if self.unexplained is not None:
            error = reblur_error(blurred.float(), restored.clamp(0, 1), kernel)
            share = share * ramp(error, self.unexplained[1], self.unexplained[0]).view(-1, 1, 1, 1)
        return torch.where(share == 1, restored, blurred + share * (restored - blurred))

    def _level(
        self,
        blurred: Tensor,
        coarse: Tensor | None,
        kernel: Tensor | None,
        size: int,
        tasks: Sequence[str],
        counts: Sequence[int],
    ) -> tuple[Tensor, Tensor]:
        """Restore one scale from what the coarser one gave: the pictures and the kernels."""

        def heads(unet: UNet, features: Tensor) -> Tensor:
            parts = zip(tasks, features.split(counts), strict=True)
            return torch.cat([unet.head(task, part) for task, part in parts])

        blurred = blurred.float()
        if coarse is None or kernel is None:
            known = blurred.new_zeros(blurred.shape[0], 1, size, size)
            seen = [blurred, blurred, blurred]
        else:
            known = enlarge(kernel, size)
            coarse = coarse.clamp(-BOUND, BOUND)
            enlarged = functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)
            with torch.autocast(blurred.device.type, enabled=False):
                seen = [blurred, enlarged, self.before(blurred, enlarged, known)[1]]
        features = self.first(torch.cat(seen, dim=1))
        estimate = (blurred + heads(self.first, features)).clamp(-BOUND, BOUND)
        correction = self.first.head(FEATURES, features)
        with torch.autocast(blurred.device.type, enabled=False):
            sharp = self.filters(estimate) + correction
            maps = self.quotient(self.filters(blurred), sharp, size)
        peak = known.amax(dim=(2, 3), keepdim=True).clamp_min(1e-6)
        kernel = self.cleanup(torch.cat([maps, known / peak], dim=1))
        with torch.autocast(blurred.device.type, enabled=False):
            residual, deconvolved = self.after(blurred, estimate, kernel)
        features = self.second(torch.cat([blurred, estimate, residual, deconvolved], dim=1))
        return estimate + heads(self.second, features), kernel
