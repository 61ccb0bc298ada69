"""The paper's generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from restorekit import Network, Task
from restorekit_face_multitask.heads import head_names

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class FaceMultitask(Network):
    """The multi-task, multi-scale face deblurring generator of Shen et al., EURASIP JWCN 2019:23.

    At each scale: three start convolutions (11x11, then 5x5), residual blocks, and three convolutions for
    each task. A scale sees six channels, the result of the scale below and its own input; the coarsest sees
    its input twice. Tasks share everything but their heads and the deconvolutions between scales. With both
    tasks the defaults have 1.9 million parameters; the image task takes 34.6 GMAC at 128x128.

    What the paper leaves open follows the code of Shen et al., CVPR 2018, by the same first author: blocks
    that carry the un-rectified sum, and a linear last convolution with nothing added to it.

    Attributes:
        channels: Channels of every inner convolution; the paper's 64.
        blocks: Residual blocks of each scale; the paper's 6.
        scales: Scales of the pyramid; the paper's 2.
        share_scales: Whether all scales use one set of weights, as in the paper.
        padding: How convolutions continue the picture; ``zeros`` darkens the outermost rows.
        residual: Whether the heads predict a change to the input instead of the result itself.
    """

    channels: int = 64
    blocks: int = 6
    scales: int = 2
    share_scales: bool = True
    padding: Literal["reflect", "zeros"] = "reflect"
    residual: bool = False

    def __post_init__(self) -> None:
        for name, least in (("channels", 1), ("blocks", 0), ("scales", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")

    @property
    def size_multiple(self) -> int:
        """Side of a pixel of the coarsest scale, in pixels of the finest."""
        return 2 ** (self.scales - 1)

    @property
    def margin(self) -> int:
        """Receptive margin in pixels, for tiles that start at multiples of ``size_multiple``: 122 by default.

        One scale reaches 39 pixels with six blocks (a field of 79). What the scale below reaches counts
        double, and the deconvolution (2) and the bicubic reduction (3) come on top.
        """
        one_scale = 5 + 2 * (2 + 2 * self.blocks + 3)
        reach = one_scale
        for _ in range(self.scales - 1):
            reach = one_scale + 2 * reach + 5
        return reach

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return the module with a head for each of ``tasks``.

        Raises:
            RestorekitError: A task has other than three channels.
        """
        from restorekit_face_multitask.generator_module import Generator

        return Generator(self, head_names(tasks))
