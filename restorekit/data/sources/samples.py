"""The photographs that scikit-image ships."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from restorekit.contracts import Item, Source


@dataclass(frozen=True)
class SampleImages(Source):
    """A few free photographs that come with scikit-image, to try things out; no download.

    Attributes:
        names: Functions of ``skimage.data`` whose colour image is in the package itself.
    """

    names: tuple[Literal["astronaut", "cat", "chelsea", "coffee", "rocket"], ...] = (
        "astronaut",
        "cat",
        "coffee",
        "rocket",
    )

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Item:
        from skimage import data

        name = self.names[index]
        return Item(getattr(data, name)(), id=name)
