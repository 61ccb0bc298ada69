"""A part of every image of a source, or all of it, smaller."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.contracts import Item, Source
from restorekit.errors import ImageError
from restorekit.images import reduced

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Region(Source):
    """The same part of every image of a source, reduced by a factor.

    Attributes:
        source: The images, a table of its own with a type: ``[data.train.source]``.
        box: Left, top, width and height of the part in pixels; the whole image if left out.
        factor: By which both sides are divided, with a filter against aliasing; at least 1.

    Raises:
        ValueError: ``box`` or ``factor`` is out of its range.
    """

    source: Source
    box: tuple[int, int, int, int] | None = None
    factor: float = 1.0

    def __post_init__(self) -> None:
        if self.box is not None and (min(self.box) < 0 or min(self.box[2:]) < 1):
            raise ValueError(f"box must be left, top, width and height, not {list(self.box)}")
        if not 1 <= self.factor <= 64:
            raise ValueError(f"factor must be 1 to 64, not {self.factor}")

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> Item:
        item = self.source[index]
        degraded = None if item.degraded is None else self._part(item.degraded, item.id)
        return dataclasses.replace(item, sharp=self._part(item.sharp, item.id), degraded=degraded)

    def _part(self, image: Array, name: str) -> Array:
        if self.box is not None:
            left, top, width, height = self.box
            if left + width > image.shape[1] or top + height > image.shape[0]:
                raise ImageError(
                    f"{name} ({image.shape[1]} x {image.shape[0]}) does not hold the box {list(self.box)}",
                    "use larger images or a smaller box",
                )
            image = image[top : top + height, left : left + width]
        return reduced(image, round(max(image.shape[:2]) / self.factor))
