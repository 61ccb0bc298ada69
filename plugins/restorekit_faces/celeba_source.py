"""CelebA in its own layout."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from restorekit import DataError, Item, Source, read_image, read_text, registry

Partition = Literal["train", "val", "test"]


@dataclass(frozen=True)
class CelebA(Source):
    """CelebA as it is distributed: ``img_align_celeba/`` and ``list_eval_partition.txt`` under one folder.

    A folder without ``img_align_celeba/`` is one of pictures in the same alignment, of which all are taken.

    Attributes:
        path: The folder that holds both.
        partition: The part of CelebA whose images are taken.
        listing: A text file that names the pictures to keep, one per line, from any partition.
    """

    path: Path
    partition: Partition = "train"
    listing: Path | None = None

    @functools.cached_property
    def _folder(self) -> Path:
        if not self.path.is_dir():
            raise DataError(f"no folder {self.path}", "give the folder of the images")
        images = self.path / "img_align_celeba"
        return images if images.is_dir() else self.path

    @functools.cached_property
    def _images(self) -> Source | _Partition:
        if self.listing or self._folder == self.path:
            folder: Source = registry("source").get("folder")(self._folder, self.listing)
            return folder
        return _Partition(self._folder, celeba_names(self.path, self.partition))

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Item:
        return self._images[index]


@dataclass(frozen=True)
class _Partition:
    """Files of a folder, by their names."""

    folder: Path
    names: list[str]

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Item:
        name = self.names[index]
        return Item(read_image(self.folder / name), id=name)


def celeba_names(folder: Path, partition: Partition) -> list[str]:
    """Return the file names that CelebA's own list assigns to a partition.

    Raises:
        DataError: There is no list, or it assigns none.
    """
    listing = folder / "list_eval_partition.txt"
    try:
        rows = [line.split() for line in read_text(listing, 2**28).splitlines()]
    except (OSError, ValueError):
        raise DataError(f"no readable {listing}", "give the folder that holds it") from None
    number = str(["train", "val", "test"].index(partition))
    names = [row[0] for row in rows if row[1:] == [number]]
    if not names:
        raise DataError(f"{listing} lists no '{partition}' image", "choose another partition")
    return names
