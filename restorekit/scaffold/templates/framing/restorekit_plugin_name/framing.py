"""The framing ``plugin_name``: for a start, the middle of a picture. Put yours in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Framing):
    """The middle of every picture; its border stays as it is.

    Attributes:
        share: How much of the height and of the width is the middle, above 0 and up to 1.

    Raises:
        ValueError: If ``share`` is out of its range.
    """

    parts: ClassVar[str] = "middles"

    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and up to 1, not {self.share}")

    def build(self, restorer: restorekit.Restorer) -> Callable[[restorekit.Array], restorekit.View]:
        """Take every restorer that keeps the size of pictures."""
        return partial(Middle, share=self.share)


class Middle(restorekit.View):
    """The middle of one picture.

    Args:
        pixels: H,W,3 uint8 or uint16.
        share: How much of it.
    """

    def __init__(self, pixels: restorekit.Array, share: float) -> None:
        super().__init__()
        self._pixels = pixels
        self._rows, self._columns = (_middle(side, share) for side in pixels.shape[:2])

    @property
    def parts(self) -> Sequence[restorekit.Part]:
        """The one part."""
        x, y = self._columns.start, self._rows.start
        return (restorekit.Part((x, y, self._columns.stop - x, self._rows.stop - y)),)

    @property
    def windows(self) -> Sequence[restorekit.Array]:
        """Its pixels."""
        return (self._pixels[self._rows, self._columns],)

    def put_back(self, restored: Sequence[restorekit.Array | None]) -> restorekit.Array:
        """Return the picture with its middle restored."""
        made = self._pixels.copy()
        made[self._rows, self._columns] = restored[0]
        return made


def _middle(side: int, share: float) -> slice:
    length = min(max(round(side * share), 16), side)  # no restorer takes less than 16 pixels
    return slice((side - length) // 2, (side - length) // 2 + length)
