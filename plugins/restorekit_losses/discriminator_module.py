"""The torch module of the DCGAN discriminator; imported only when it is built."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from torch import Tensor, nn  # noqa: TID253


class Discriminator(nn.Module):
    """Strided convolutions down to ``side`` pixels, then one logit; ``DCGAN`` documents the choices.

    Weights begin as N(0, 0.02), those of norms as N(1, 0.02), as DCGAN has it.
    """

    def __init__(self, channels: int, widths: Sequence[int], side: int, norm: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip([channels, *widths], widths, strict=False):
            first = not layers
            layers.append(nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=first))
            if not first:
                grouped = nn.GroupNorm(gcd(32, outputs), outputs)
                layers.append(nn.BatchNorm2d(outputs) if norm == "batch" else grouped)
            layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, side))
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                nn.init.normal_(parameter, mean=float(parameter.dim() == 1), std=0.02)

    def forward(self, images: Tensor) -> Tensor:
        """Map N,C,H,W in [0, 1] to N logits; inside, images are in DCGAN's [-1, 1]."""
        return self.layers(2 * images - 1).flatten()
