"""Keep a degraded test set as files: pictures, kernels, and a manifest that says how each came about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np

from restorekit import __version__
from restorekit.errors import DataError
from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit.evaluation.manifest import (
    DIGEST,
    MANIFEST,
    Manifest,
    StoredPair,
    StoredPicture,
    digest_of,
    is_stored_set,
)
from restorekit.evaluation.pairs import MadePairs, Pair
from restorekit.evaluation.protocol import Groups
from restorekit.images import write_rgb
from restorekit.whole import whole_folder

if TYPE_CHECKING:
    from restorekit.contracts import Array

KERNELS = "kernels.npz"


def check_store(path: Path, data: Path | None, overwrite: bool) -> None:
    """See that a set can be written, before it is made.

    Args:
        path: The folder to make.
        data: Where the sharp pictures are; None if they do not lie in a folder.
        overwrite: Whether another set may be replaced.

    Raises:
        DataError: There is something that may not be replaced: only another set ever is. Or the data are a set
            themselves, or one folder lies in the other.
    """
    if path.exists() and not is_stored_set(path):
        raise DataError(f"{path}: already exists and is not a test set", "choose another name")
    if path.exists() and not overwrite:
        raise DataError(f"{path}: already exists", "choose another name, or replace it")
    if data is None:
        return
    if is_stored_set(data):
        raise DataError(f"{data}: is a degraded test set", "give the folder of its sharp pictures")
    inner, outer = sorted((path.resolve(), data.resolve()), key=lambda each: len(each.parts), reverse=True)
    if inner.is_relative_to(outer):
        raise DataError(f"{path}: the set and its data {data} contain one another", "choose another place")


def _stem(name: str, taken: dict[str, str]) -> str:
    """Return what the files of a picture are called: its name without the ending, folders kept."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"{name}: lies outside of the data's folder", "leave it out of the list")
    other = taken.setdefault(normalize("NFC", str(path.with_suffix(""))).casefold(), name)
    if other != name:
        raise DataError(f"{other} and {name} would be one file", "rename one, or leave it out of the list")
    return str(path.with_suffix(""))


def store_pairs(
    path: Path, pairs: MadePairs, track: Callable[[Iterable[Pair]], Iterable[Pair]] = iter
) -> None:
    """Write a set whole or not at all, replacing what is there.

    Args:
        path: The folder to make; see `check_store` first.
        pairs: What to write.
        track: Passes the pairs on, and may show how far they are.

    Raises:
        DataError: The name of a picture leads out of its folder, or two would be one file, if only where case does
            not count.
        ImageError: A picture cannot be read, does not have the crop, or cannot be written.
        OSError: The folder cannot be written.
    """
    names: dict[str, str] = {}
    digits = max(2, len(str(pairs.protocol.versions - 1)))
    stored: list[StoredPair] = []
    kernels = _Kernels()
    with whole_folder(path) as draft:
        for n, pair in enumerate(track(pairs)):
            image, version = divmod(n, pairs.protocol.versions)
            stem = _stem(pair.image, names)
            sharp = f"sharp/{stem}.png"
            degraded = f"degraded/{stem}_k{version:0{digits}}.png"
            if version == 0:
                write_rgb(draft / sharp, pair.sharp)
            write_rgb(draft / degraded, pair.degraded)
            stored.append(
                StoredPair(
                    image=pair.image,
                    version=version,
                    groups=dict(pair.groups),
                    seed=pairs.protocol.seed_of(image, version),
                    sharp=StoredPicture(sharp, digest_of(pair.sharp)),
                    degraded=StoredPicture(degraded, digest_of(pair.degraded)),
                    kernel=kernels.number(pair),
                    labels={k: v for k, v in pair.labels.items() if isinstance(v, int | float | str)},
                )
            )
        if len(kernels):
            kernels.save(draft / KERNELS, pairs.protocol.name)
        manifest = Manifest(
            __version__,
            **pairs.about,
            kernels=KERNELS if len(kernels) else None,
            digest=DIGEST,
            pairs=tuple(stored),
        )
        (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


class _Kernels:
    """The different blur kernels of the pairs, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._kernels: list[Array] = []
        self._groups: list[Groups] = []

    def __len__(self) -> int:
        return len(self._kernels)

    def number(self, pair: Pair) -> int | None:
        """Return the number of a pair's kernel, None if it has none."""
        kernel = pair.draws.get("kernel")
        if kernel is None or kernel.ndim != 2:
            return None
        number = self._numbers.setdefault(kernel.tobytes(), len(self))
        if number == len(self):
            self._kernels.append(kernel)
            self._groups.append(pair.groups)
        return number

    def save(self, path: Path, name: str) -> None:
        """Write them as `load_kernels` reads them."""
        sides = [len(kernel) for kernel in self._kernels]
        padded = [np.pad(kernel, (max(sides) - len(kernel)) // 2) for kernel in self._kernels]
        sizes = [int(groups.get("size", side)) for groups, side in zip(self._groups, sides, strict=True)]
        laws = tuple(str(groups.get("law", name)) for groups in self._groups)
        save_kernels(path, KernelSet(np.stack(padded), np.array(sizes), laws, name, "the middle element"))
