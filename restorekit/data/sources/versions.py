"""Pictures that lie beside their degraded versions, as those of Levin et al. (CVPR 2009) are usually stored."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Item, Source
from restorekit.data.sources.listing import list_pictures
from restorekit.errors import DataError
from restorekit.images import read_rgb

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Versions(Source):
    """One folder in which ``NAME_VERSION.png`` is a degraded version of ``NAME.png``, of the same size.

    Where the folder also has a picture called ``VERSION.png``, it is the blur kernel of that version: the label
    ``kernel``, of sum 1.

    Attributes:
        path: The folder.
        turned: Names of the versions whose kernel is stored turned by 180 degrees.
    """

    path: Path
    turned: tuple[str, ...] = ()

    @functools.cached_property
    def _names(self) -> dict[str, str]:
        """Every picture by its path without the ending."""
        return {name.rpartition(".")[0]: name for name in list_pictures(self.path)}

    @functools.cached_property
    def _versions(self) -> list[tuple[str, str]]:
        """Name and version of every pair, sorted."""
        split = (stem.rpartition("_") for stem in self._names)
        found = sorted((name, version) for name, _, version in split if name in self._names)
        if not found:
            raise DataError(
                f"no picture in {self.path} is a version of another",
                "a version of NAME.png is called NAME_VERSION.png",
            )
        return found

    def __len__(self) -> int:
        return len(self._versions)

    def __getitem__(self, index: int) -> Item:
        name, version = self._versions[index]
        degraded = f"{name}_{version}"
        sharp, spoilt = self._read(name), self._read(degraded)
        if sharp.shape != spoilt.shape:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (sharp, spoilt)]
            raise DataError(
                f"{self.path / self._names[degraded]} has {sizes[1]} pixels, {self._names[name]} has {sizes[0]}",
                "give both the same size, or remove one",
            )
        return Item(sharp, self._names[degraded], spoilt, self._labels(version))

    def _read(self, stem: str) -> Array:
        return read_rgb(self.path / self._names[stem])

    def _labels(self, version: str) -> dict[str, Any]:
        if version not in self._names:
            return {}
        kernel = self._read(version).astype(np.float64).mean(axis=2)
        if not kernel.any():
            raise DataError(f"{self.path / self._names[version]}: a kernel that is black", "remove it")
        return {"kernel": (kernel[::-1, ::-1] if version in self.turned else kernel) / kernel.sum()}
