"""The network of Nah et al. as a component, and the weights that its authors released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from restorekit import Network, Task

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Nah2017(Network):
    """The multi-scale deblurring network of Nah, Kim and Lee, CVPR 2017.

    A 5x5 convolution, residual blocks of two 5x5 convolutions with a ReLU between them, and a 5x5 convolution to three
    channels, at each scale with weights of its own. From scale to scale the result is doubled by a 5x5 convolution to
    twelve channels and a pixel shuffle, and goes in beside the blurred picture. There is no norm, no ReLU after a sum,
    and borders are padded with zeros. The defaults have 11.7 million parameters and take 84 GMAC at 128x128.

    The paper reduces pictures by a Gaussian pyramid, this toolkit by antialiased bicubic interpolation.

    Attributes:
        channels: Channels of every inner convolution; the paper's 64.
        blocks: Residual blocks of each scale; the paper's 19.
        scales: Scales of the pyramid; the paper's 3.
        levels: How many grey levels white is in the numbers that the convolutions see. 255 in the weights that its
            authors released for PyTorch.
    """

    heads: ClassVar[tuple[str, ...] | None] = ("image",)

    channels: int = 64
    blocks: int = 19
    scales: int = 3
    levels: float = 1.0

    def __post_init__(self) -> None:
        for name, least in (("channels", 1), ("blocks", 0), ("scales", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.levels <= 0:
            raise ValueError(f"levels must be above 0, not {self.levels:g}")

    @property
    def size_multiple(self) -> int:
        """Side of a pixel of the coarsest scale, in pixels of the finest."""
        return 2 ** (self.scales - 1)

    @property
    def margin(self) -> int:
        """Receptive margin in pixels, for tiles that start at multiples of ``size_multiple``: 584 by default.

        One scale reaches 80 pixels with 19 blocks. What the scale below reaches counts double, and so do the two
        pixels of the convolution between them; the pixel shuffle (1) and the bicubic reduction (3) come on top.
        """
        one_scale = 2 * (2 + 2 * self.blocks)
        reach = one_scale
        for _ in range(self.scales - 1):
            reach = one_scale + 2 * (reach + 2) + 4
        return reach

    @classmethod
    def recognise(cls, weights: Mapping[str, Tensor]) -> tuple[Nah2017, Mapping[str, str]] | None:
        """Tell the layout of the weights that the authors released for PyTorch, and rename its parts.

        There the finest scale is ``body_models.0``, its first convolution ``body.0``, its blocks ``body.1`` and up.
        """
        bodies = {key.split(".")[1] for key in weights if key.startswith("body_models.")}
        first = weights.get("body_models.0.body.0.weight")
        if first is None or first.dim() != 4 or bodies != {str(each) for each in range(len(bodies))}:
            return None
        scales = len(bodies)
        layers = {key.split(".")[3] for key in weights if key.startswith("body_models.0.body.")}
        blocks = len(layers) - 2
        if blocks < 0 or layers != {str(each) for each in range(len(layers))}:
            return None
        names = {}
        for theirs in range(scales):
            ours = scales - 1 - theirs
            body = f"body_models.{theirs}.body"
            names[f"{body}.0."] = f"bodies.{ours}.start."
            for block in range(blocks):
                for half, name in enumerate(("first", "second")):
                    names[f"{body}.{block + 1}.body.{2 * half}."] = f"bodies.{ours}.blocks.{block}.{name}."
            names[f"{body}.{blocks + 1}."] = f"bodies.{ours}.end."
            if theirs:
                names[f"conv_end_models.{theirs}.uppath.0."] = f"up.{ours}."
        missing = [old for old in names if not any(key.startswith(old) for key in weights)]
        if missing:
            return None
        return cls(channels=first.shape[0], blocks=blocks, scales=scales, levels=255.0), names

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return the module; it serves the image task alone."""
        from restorekit_nah2017.module import Generator

        return Generator(self)
