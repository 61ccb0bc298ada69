"""The torch module of the paper's generator; imported only when it is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn.functional import relu  # noqa: TID253

from restorekit import Outputs, RestorekitError

if TYPE_CHECKING:
    from restorekit_face_multitask.generator import FaceMultitask


class Generator(nn.Module):
    """Maps ``{task: [coarse ... fine]}`` to the same structure; ``FaceMultitask`` documents the choices."""

    def __init__(self, spec: FaceMultitask, tasks: Sequence[str]) -> None:
        super().__init__()
        self.scales, self.reflects = spec.scales, spec.padding == "reflect"
        sets = 1 if spec.share_scales else spec.scales
        steps = min(sets, spec.scales - 1)
        self.levels = nn.ModuleList(Level(spec, tasks) for _ in range(sets))
        self.up = nn.ModuleList(nn.ModuleDict({task: doubling() for task in tasks}) for _ in range(steps))

    def forward(self, inputs: Outputs) -> Outputs:
        """Restore every scale, coarse first, from what the scale below gave; all tasks pass as one batch."""
        side = min(min(images[0].shape[-2:]) for images in inputs.values())
        if self.reflects and side < 6:
            raise RestorekitError(
                f"{side} px at the coarsest scale is too small to reflect",
                f"use pictures of at least {6 * 2 ** (self.scales - 1)} px, or padding = 'zeros'",
            )
        outputs: Outputs = {task: [] for task in inputs}
        for scale in range(self.scales):
            images = {task: levels[scale] for task, levels in inputs.items()}
            below = images
            if scale:
                up = self.up[(scale - 1) % len(self.up)]
                below = {task: up[task](outputs[task][-1]) for task in images}
            restored = self.levels[scale % len(self.levels)](below, images)
            for task in outputs:
                outputs[task].append(restored[task])
        return outputs


class Level(nn.Module):
    """One scale: the trunk, and a head for each task."""

    def __init__(self, spec: FaceMultitask, tasks: Sequence[str]) -> None:
        super().__init__()
        width, padding = spec.channels, spec.padding
        self.residual = spec.residual
        self.start = nn.Sequential(
            convolution(6, width, padding, kernel=11),
            nn.ReLU(),
            convolution(width, width, padding),
            nn.ReLU(),
            convolution(width, width, padding),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(Block(width, padding) for _ in range(spec.blocks)), nn.ReLU())
        self.heads = nn.ModuleDict({task: head(width, padding) for task in tasks})

    def forward(self, below: dict[str, Tensor], images: dict[str, Tensor]) -> dict[str, Tensor]:
        """Restore each task's N,3,H,W, given what the scale below made of it, at the same size."""
        pairs = [torch.cat([below[task], images[task]], dim=1) for task in images]
        sizes = [pair.shape[0] for pair in pairs]  # not len, which an exporter takes for a constant
        features = self.blocks(self.start(torch.cat(pairs))).split(sizes)
        outputs = {task: self.heads[task](feature) for task, feature in zip(images, features, strict=True)}
        return {task: outputs[task] + images[task] for task in images} if self.residual else outputs


class Block(nn.Module):
    """``s + conv(ReLU(conv(ReLU(s))))``: what is carried is the un-rectified sum (Shen et al., CVPR 2018)."""

    def __init__(self, width: int, padding: str) -> None:
        super().__init__()
        self.first = convolution(width, width, padding)
        self.second = convolution(width, width, padding)

    def forward(self, s: Tensor) -> Tensor:
        """Map N,width,H,W to the same."""
        return s + self.second(relu(self.first(relu(s))))


def convolution(inputs: int, outputs: int, padding: str, kernel: int = 5) -> nn.Conv2d:
    """Return a convolution that keeps the size."""
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, padding_mode=padding)


def head(width: int, padding: str) -> nn.Sequential:
    """Return a task's three convolutions, the last one linear."""
    return nn.Sequential(
        convolution(width, width, padding),
        nn.ReLU(),
        convolution(width, width, padding),
        nn.ReLU(),
        convolution(width, 3, padding),
    )


def doubling() -> nn.ConvTranspose2d:
    """Return a deconvolution to twice the size that begins as bilinear interpolation of each channel."""
    layer = nn.ConvTranspose2d(3, 3, 4, stride=2, padding=1)
    line = torch.tensor([0.25, 0.75, 0.75, 0.25])
    with torch.no_grad():
        layer.weight.copy_(torch.eye(3)[:, :, None, None] * torch.outer(line, line))
        layer.bias.zero_()
    return layer
