"""The network ``face_finder``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from restorekit import Network, Task
from restorekit_faces.finder.maps import STRIDE

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class FaceFinder(Network):
    """Finds faces: residual blocks at a quarter and an eighth of the picture's size, all plain convolutions.

    It restores nothing: its ``image`` is the picture itself.

    Attributes:
        widths: Channels at a quarter and at an eighth of the size.
        blocks: Residual blocks there.

    Raises:
        ValueError: A field is out of its range.
    """

    heads: ClassVar[tuple[str, ...]] = ("image", "face_maps")
    scales: ClassVar[int] = 1

    widths: tuple[int, int] = (32, 64)
    blocks: tuple[int, int] = (2, 2)

    def __post_init__(self) -> None:
        if min(self.widths) < 1 or min(self.blocks) < 0:
            raise ValueError("widths must be positive, and blocks at least 0")

    @property
    def size_multiple(self) -> int:
        """8: the side of a cell."""
        return STRIDE

    @property
    def margin(self) -> int:
        """None: a picture stays as it is."""
        return 0

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Build the module; all tasks share it."""
        from restorekit_faces.finder.module import FinderModule

        return FinderModule(self.widths, self.blocks)
