"""The torch module of the encoder-decoder; imported only when it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253

from restorekit import Outputs


class Block(nn.Module):
    """Residual block ``x + conv(ReLU(conv(x)))``: no norm and nothing depthwise, both slow on a CPU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,width,H,W to the same."""
        return x + self.second(functional.relu(self.first(x)))


class Head(nn.Module):
    """One task's outputs, as changes to its inputs; zero at the start.

    Args:
        widths: Channels of the features that each output is made of, by the output's name, coarsest first.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        for name, width in widths.items():
            self.add_module(name, nn.Conv2d(width, 12, 3, padding=1))
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, inputs: list[Tensor], features: tuple[Tensor, ...]) -> list[Tensor]:
        """Add to each N,3,H,W what the features, at half its size, tell."""
        return [
            image + functional.pixel_shuffle(convolution(feature), 2)
            for image, feature, convolution in zip(inputs, features, self.children(), strict=True)
        ]


class UNet(nn.Module):
    """Encoder-decoder with additive skips; ``FaceMultitaskUNet`` documents the arguments."""

    def __init__(
        self, widths: Sequence[int], blocks: Sequence[int], scales: int, tasks: Sequence[str]
    ) -> None:
        super().__init__()

        def stage(level: int) -> nn.Sequential:
            return nn.Sequential(*(Block(widths[level]) for _ in range(blocks[level])))

        depth = len(widths)
        self.start = nn.Conv2d(12, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(stage(level) for level in range(depth))
        self.down = nn.ModuleList(
            nn.Conv2d(widths[level], widths[level + 1], 2, stride=2) for level in range(depth - 1)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(widths[level + 1], widths[level], 2, stride=2) for level in range(depth - 1)
        )
        self.decoder = nn.ModuleList(stage(level) for level in range(depth - 1))
        outputs = ({"coarse": widths[1]} if scales == 2 else {}) | {"fine": widths[0]}
        self.heads = nn.ModuleDict({task: Head(outputs) for task in tasks})
        self.scales = scales

    def forward(self, inputs: Outputs) -> Outputs:
        """Map ``{task: [coarse, fine]}`` to the same; all tasks pass the trunk as one batch."""
        finest = [levels[-1] for levels in inputs.values()]
        sizes = [fine.shape[0] for fine in finest]  # not len, which an exporter takes for a constant
        features = self.trunk(torch.cat(finest))[-self.scales :]
        shares = zip(*(feature.split(sizes) for feature in features), strict=True)
        return {
            task: self.heads[task](levels, share)
            for (task, levels), share in zip(inputs.items(), shares, strict=True)
        }

    def trunk(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the decoder's last two levels, at a quarter and a half of the input's size."""
        # Channels last is a third faster in training on a CPU; the weights keep their ordinary layout.
        x = functional.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        x = self.encoder[0](self.start(x))
        skips = []
        for down, stage in zip(self.down, self.encoder[1:], strict=True):
            skips.append(x)
            x = stage(down(x))
        coarse = x
        for up, stage in zip(reversed(self.up), reversed(self.decoder), strict=True):
            coarse = x
            x = stage(up(x) + skips.pop())
        return coarse, x
