"""Keep a degraded test set as files: pictures, kernels, and a manifest that says how each came about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from restorekit import __version__
from restorekit.errors import DataError
from restorekit.evaluation.kernels import save_kernels
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
from restorekit.images import write_rgb
from restorekit.whole import whole_folder

KERNELS = "kernels.npz"


def check_store(path: Path, data: Path, overwrite: bool) -> None:
    """See that a set can be written, before it is made.

    Args:
        path: The folder to make.
        data: Where the sharp pictures are.
        overwrite: Whether another set may be replaced.

    Raises:
        DataError: There is something that may not be replaced: only another set ever is. Or the data are a set
            themselves, or one folder lies in the other.
    """
    if path.exists() and not is_stored_set(path):
        raise DataError(f"{path}: already exists and is no test set", "choose another name with -o")
    if path.exists() and not overwrite:
        raise DataError(f"{path}: already exists", "give --overwrite, or another name with -o")
    if is_stored_set(data):
        raise DataError(
            f"{data}: is a degraded test set", "give the folder of its sharp pictures with --data"
        )
    inner, outer = sorted((path.resolve(), data.resolve()), key=lambda each: len(each.parts), reverse=True)
    if inner.is_relative_to(outer):
        raise DataError(
            f"{path}: the set and its data {data} lie one in the other", "choose another place with -o"
        )


def file_stems(names: Sequence[str]) -> list[str]:
    """Return what the files of each picture are called: its name without the ending, folders kept.

    Raises:
        DataError: A name leads out of its folder, or two would be one file, if only where case does not count.
    """
    stems: dict[str, str] = {}
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise DataError(
                f"{name}: lies outside of the data's folder", "name pictures within it with --list"
            )
        other = stems.setdefault(normalize("NFC", str(path.with_suffix(""))).casefold(), name)
        if other != name:
            raise DataError(
                f"{other} and {name} would be one file", "rename one, or leave it out with --list"
            )
    return [str(PurePosixPath(name).with_suffix("")) for name in names]


def store_pairs(
    path: Path, pairs: MadePairs, track: Callable[[Iterable[Pair]], Iterable[Pair]] = iter
) -> None:
    """Write a set whole or not at all, replacing what is there.

    Args:
        path: The folder to make; see `check_store` first.
        pairs: What to write.
        track: Passes the pairs on, and may show how far they are.

    Raises:
        DataError: As `file_stems` says.
        ImageError: A picture cannot be read, does not have the crop, or cannot be written.
        OSError: The folder cannot be written.
    """
    protocol = pairs.protocol
    stems = dict(zip(pairs.names, file_stems(pairs.names), strict=True))
    numbers = {name: n for n, name in enumerate(pairs.names)}
    digits = max(2, len(str(len(protocol.kernels) - 1)))
    stored: list[StoredPair] = []
    with whole_folder(path) as draft:
        for pair in track(pairs):
            sharp = f"sharp/{stems[pair.image]}.png"
            degraded = f"degraded/{stems[pair.image]}_k{pair.kernel:0{digits}}.png"
            if pair.kernel == 0:
                write_rgb(draft / sharp, pair.sharp)
            write_rgb(draft / degraded, pair.degraded)
            stored.append(
                StoredPair(
                    image=pair.image,
                    kernel=pair.kernel,
                    size=pair.size,
                    law=pair.law,
                    centring=protocol.kernels.centring,
                    noise_seed=protocol.noise_seed(numbers[pair.image], pair.kernel),
                    sharp=StoredPicture(sharp, digest_of(pair.sharp)),
                    degraded=StoredPicture(degraded, digest_of(pair.degraded)),
                )
            )
        save_kernels(draft / KERNELS, protocol.kernels)
        about = pairs.about | {"protocol": protocol.describe()}
        manifest = Manifest(__version__, **about, kernels=KERNELS, digest=DIGEST, pairs=tuple(stored))
        (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
