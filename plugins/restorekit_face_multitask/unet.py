"""The fast generator: an encoder-decoder that two CPU cores can train and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Network, Task
from restorekit_face_multitask.heads import head_names

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class FaceMultitaskUNet(Network):
    """Encoder-decoder on pixel-unshuffled input, with a trunk shared by the tasks and a head for each.

    It keeps the contract of the paper's generator (Shen et al., EURASIP JWCN 2019:23: tasks that share all
    but their heads, a coarse and a fine output), not its layers: plain 3x3 residual blocks at half the
    resolution and below. At 128x128 the defaults take 2.3 GMAC where the paper's network takes 34.6. Each
    output is added to its input, and the heads start at zero: untrained, it returns what it is given.

    Attributes:
        widths: Channels of each level, finest (half the input's resolution) first; at least two levels.
        blocks: Residual blocks of each level, in the encoder and again in the decoder; once in the deepest.
        scales: 2: a coarse output, of half the size, is predicted and judged too; 1: only the fine one.
    """

    widths: tuple[int, ...] = (48, 96, 192, 192)
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    scales: int = 2

    def __post_init__(self) -> None:
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths must be two or more positive numbers, not {list(self.widths)}")
        if len(self.blocks) != len(self.widths) or min(self.blocks) < 0:
            raise ValueError(
                f"blocks must be {len(self.widths)} numbers of at least 0, one for each of widths, "
                f"not {list(self.blocks)}"
            )
        if self.scales not in (1, 2):
            raise ValueError(f"scales must be 1 or 2, not {self.scales}")

    @property
    def size_multiple(self) -> int:
        """Side of a pixel of the deepest level, in pixels of the finest input."""
        return 2 ** len(self.widths)

    @property
    def margin(self) -> int:
        """Receptive margin in pixels, for tiles that start at multiples of ``size_multiple``.

        A 3x3 convolution at level ``l`` reaches ``2 ** (l + 1)`` pixels; a block has two, and every level but
        the deepest is passed twice. The first convolution and the head add one each at level 0, and the place
        of a pixel within its deepest cell the rest.
        """
        block_reach = [2 * 2 ** (level + 1) * count for level, count in enumerate(self.blocks)]
        reach = 2 * sum(block_reach[:-1]) + block_reach[-1]
        return reach + 4 + self.size_multiple - 1

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return the module with a head for each of ``tasks``.

        Raises:
            RestorekitError: A task has other than three channels.
        """
        from restorekit_face_multitask.unet_module import UNet

        return UNet(self.widths, self.blocks, self.scales, head_names(tasks))
