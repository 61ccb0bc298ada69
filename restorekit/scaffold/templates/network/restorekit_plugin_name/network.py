"""The network ``plugin_name``: for a start, a few residual blocks. Put yours in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import restorekit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PluginName(restorekit.Network):
    """Residual blocks that work coarse to fine: each scale starts from what the one below it changed.

    Attributes:
        width: Channels of every inner convolution; at least 1.
        blocks: Residual blocks, at least 0; all scales and tasks share them.

    Raises:
        ValueError: If ``width`` or ``blocks`` is too small.
    """

    scales: ClassVar[int] = 2
    size_multiple: ClassVar[int] = 2  # so that the picture can be halved

    width: int = 32
    blocks: int = 4

    def __post_init__(self) -> None:
        if self.width < 1 or self.blocks < 0:
            raise ValueError(
                f"width must be at least 1 and blocks at least 0, not {self.width}, {self.blocks}"
            )

    @property
    def margin(self) -> int:
        """How far a pixel of the output sees, so that large pictures can be restored in tiles.

        At one scale, each 3x3 convolution sees one pixel further. What the coarse scale sees counts double, and
        halving the picture (3) and enlarging the change (1) come on top.
        """
        one_scale = 2 + 2 * self.blocks
        return one_scale + 2 * one_scale + 4

    def build(self, tasks: Mapping[str, restorekit.Task]) -> torch.nn.Module:
        """Return the module, with a first and a last convolution for each task."""
        from restorekit_plugin_name.module import CoarseToFine

        channels = {name: task.channels for name, task in tasks.items()}
        return CoarseToFine(channels, self.width, self.blocks)
