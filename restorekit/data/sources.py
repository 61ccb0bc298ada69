"""Where sharp images come from: a folder, CelebA's own layout, or the samples that scikit-image ships."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from restorekit.contracts import Item, Source
from restorekit.errors import DataError
from restorekit.images import SUFFIXES, read_rgb


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise DataError(f"no folder {path}", "give the folder of the images")
    return path


@dataclass(frozen=True)
class Folder(Source):
    """All pictures of a folder and the folders below it, sorted by path.

    Attributes:
        path: The folder.
    """

    path: Path

    @functools.cached_property
    def _files(self) -> list[Path]:
        files = sorted(
            f for f in _folder(self.path).rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file()
        )
        if not files:
            raise DataError(f"no pictures in {self.path}", f"put {', '.join(sorted(SUFFIXES))} files there")
        return files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Item:
        file = self._files[index]
        return Item(read_rgb(file), id=file.relative_to(self.path).as_posix())


Partition = Literal["train", "val", "test"]


def celeba_names(folder: Path, partition: Partition) -> list[str]:
    """Return the file names that CelebA's own list assigns to a partition.

    Raises:
        DataError: There is no list, or it assigns none.
    """
    listing = folder / "list_eval_partition.txt"
    try:
        rows = [line.split() for line in listing.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise DataError(f"no readable {listing}", "give the folder that holds it") from None
    number = str(["train", "val", "test"].index(partition))
    names = [row[0] for row in rows if row[1:] == [number]]
    if not names:
        raise DataError(f"{listing} lists no '{partition}' image", "choose another partition")
    return names


@dataclass(frozen=True)
class CelebA(Source):
    """CelebA as it is distributed: ``img_align_celeba/`` and ``list_eval_partition.txt`` under one folder.

    Attributes:
        path: The folder that holds both.
        partition: Whose images, as the list assigns them.
    """

    path: Path
    partition: Partition = "train"

    @functools.cached_property
    def _names(self) -> list[str]:
        return celeba_names(_folder(self.path), self.partition)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> Item:
        name = self._names[index]
        return Item(read_rgb(self.path / "img_align_celeba" / name), id=name)


@dataclass(frozen=True)
class SampleImages(Source):
    """A few free photographs that come with scikit-image, for trying things out; no download.

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
