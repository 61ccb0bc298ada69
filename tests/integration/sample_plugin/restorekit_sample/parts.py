"""The plugin's components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restorekit import Degradation, Loss, Network


@dataclass(frozen=True)
class BoxBlur(Degradation):
    """The mean over a square.

    Attributes:
        side: Side of the square, pixels; odd.
    """

    side: int = 3

    @property
    def margin(self):
        """Half of the side."""
        return self.side // 2

    def sample(self, rng, height, width):
        """Draw nothing."""
        return {}

    def apply(self, images):
        """Average over the square."""
        from torch.nn.functional import avg_pool2d

        return avg_pool2d(images, self.side, stride=1)


@dataclass(frozen=True)
class TwoLayers(Network):
    """Two convolutions and a skip, for the image alone.

    Attributes:
        width: Channels between them.
    """

    heads: ClassVar = ("image",)
    scales: ClassVar = 1
    size_multiple: ClassVar = 1
    width: int = 8

    def build(self, tasks):
        """Return the module."""
        from torch import nn

        class Module(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.layers = nn.Sequential(
                    nn.Conv2d(3, width, 5, padding=2), nn.ReLU(), nn.Conv2d(width, 3, 5, padding=2)
                )

            def forward(self, inputs):
                return {
                    task: [level + self.layers(level) for level in levels] for task, levels in inputs.items()
                }

        return Module(self.width)


@dataclass(frozen=True)
class L2(Loss):
    """Mean squared difference."""

    def __call__(self, prediction, target, batch):
        """Compare N,C,H,W with N,C,H,W."""
        return (prediction - target).square().mean()
