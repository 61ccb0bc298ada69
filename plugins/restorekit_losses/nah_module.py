"""The torch module of the discriminator of Nah et al.; imported only when it is built."""

from __future__ import annotations

from torch import Tensor, nn  # noqa: TID253

LAYERS = ((1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (4, 4), (8, 1), (8, 4), (16, 1))
"""The 5x5 convolutions: channels, in units of the first one's, and stride."""


class NahDiscriminator(nn.Module):
    """Maps N,C,64·side,64·side in [0, 1] to N logits; ``NahGAN`` documents it.

    Args:
        inputs: C.
        width: Channels of the first convolution.
        side: What is left of the picture before the last convolution, in pixels.
    """

    def __init__(self, inputs: int, width: int, side: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for times, stride in LAYERS:
            layers += [
                nn.Conv2d(inputs, times * width, 5, stride=stride, padding=2, bias=False),
                nn.LeakyReLU(0.2),
            ]
            inputs = times * width
        layers += [nn.Conv2d(inputs, inputs, side, bias=False), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(inputs, 1, 1, bias=False))

    def forward(self, images: Tensor) -> Tensor:
        """Judge pictures, which inside are centred on zero."""
        return self.layers(images - 0.5).flatten()
