"""The encoder-decoder that both halves of the generator are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253


class Block(nn.Module):
    """Residual block ``x + conv(ReLU(conv(x)))``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,width,H,W to the same."""
        return x + self.second(functional.relu(self.first(x)))


class UNet(nn.Module):
    """Encoder-decoder on pixel-unshuffled pictures, with additive skips and heads that start at zero.

    Args:
        channels: Of the input, at full size.
        outputs: Channels of each head's output at full size, by the head's name.
        widths: Channels of each level, the first at half the size.
        blocks: Residual blocks of each level, in the encoder and again in the decoder; once in the deepest.
    """

    def __init__(
        self, channels: int, outputs: Mapping[str, int], widths: Sequence[int], blocks: Sequence[int]
    ) -> None:
        super().__init__()

        def stage(level: int) -> nn.Sequential:
            return nn.Sequential(*(Block(widths[level]) for _ in range(blocks[level])))

        depth = len(widths)
        self.start = nn.Conv2d(4 * channels, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(stage(level) for level in range(depth))
        self.down = nn.ModuleList(
            nn.Conv2d(widths[level], widths[level + 1], 2, stride=2) for level in range(depth - 1)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(widths[level + 1], widths[level], 2, stride=2) for level in range(depth - 1)
        )
        self.decoder = nn.ModuleList(stage(level) for level in range(depth - 1))
        self.heads = nn.ModuleDict(
            {name: nn.Conv2d(widths[0], 4 * count, 3, padding=1) for name, count in outputs.items()}
        )
        for parameter in self.heads.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Map N,channels,H,W to the features N,widths[0],H/2,W/2 that ``head`` reads."""
        # Channels last is a third faster in training on a CPU; the weights keep their ordinary layout.
        x = functional.pixel_unshuffle(x, 2).to(self.start.weight.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.encoder[0](self.start(x))
        skips = []
        for down, stage in zip(self.down, self.encoder[1:], strict=True):
            skips.append(x)
            x = stage(down(x))
        for up, stage in zip(reversed(self.up), reversed(self.decoder), strict=True):
            x = stage(up(x) + skips.pop())
        return x

    def head(self, name: str, features: Tensor) -> Tensor:
        """Return a head's output of some features, float32, at full size."""
        return functional.pixel_shuffle(self.heads[name](features).float(), 2)
