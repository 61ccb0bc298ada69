"""A folder of pictures."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from restorekit.contracts import Item, Source
from restorekit.data.sources.listing import list_pictures, read_listing
from restorekit.images import read_rgb


@dataclass(frozen=True)
class Folder(Source):
    """All pictures of a folder and the folders below it, of any size, sorted by path.

    Attributes:
        path: The folder.
        listing: A text file that names the pictures to keep, one per line, relative to the folder; all if left out.
    """

    path: Path
    listing: Path | None = None

    @functools.cached_property
    def _names(self) -> list[str]:
        return read_listing(self.listing, self.path) if self.listing else list_pictures(self.path)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> Item:
        name = self._names[index]
        return Item(read_rgb(self.path / name), id=name)
