"""Test pairs from the files of a stored set."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit.errors import DataError
from restorekit.evaluation.crop import LEAST
from restorekit.evaluation.kernels import load_kernels
from restorekit.evaluation.load import stored_metrics
from restorekit.evaluation.manifest import MANIFEST, StoredPicture, digest_of, read_manifest
from restorekit.evaluation.pairs import Pair, Pairs
from restorekit.evaluation.protocol import Groups
from restorekit.images import read_rgb

if TYPE_CHECKING:
    from restorekit.contracts import Array


class StoredPairs(Pairs):
    """The pairs of a set as files, each compared with its digest when it is read.

    Args:
        folder: What `store_pairs` wrote.
        limit: Keep so many pictures, the first.

    Raises:
        DataError: The manifest is none; on access: a picture is not the one that was stored, or is too small.
        ImageError: On access: a picture cannot be read.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        manifest = read_manifest(folder / MANIFEST)
        kept = set(list(dict.fromkeys(pair.image for pair in manifest.pairs))[:limit])
        self._folder, self._pairs = folder, [pair for pair in manifest.pairs if pair.image in kept]
        self._kernel_file = manifest.kernels
        self._sharp = lru_cache(maxsize=1)(self._read)
        self.about = {"data": manifest.data, "list": manifest.list, "protocol": manifest.protocol}
        self.metrics = stored_metrics(manifest.protocol, str(folder / MANIFEST))

    def __len__(self) -> int:
        return len(self._pairs)

    def groups(self, n: int) -> Groups:
        """Return what the scores of a pair are grouped by."""
        return self._pairs[n].groups

    def __getitem__(self, n: int) -> Pair:
        pair = self._pairs[n]
        sharp, degraded = self._sharp(pair.sharp), self._read(pair.degraded)
        scale = max(sharp.shape[0] // degraded.shape[0], 1)
        same = sharp.shape[:2] == tuple(scale * side for side in degraded.shape[:2])
        if not same or min(sharp.shape[:2]) < LEAST:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (sharp, degraded)]
            raise DataError(
                f"{self._folder / pair.degraded.file}: {sizes[1]} pixels, sharp {sizes[0]}",
                f"both need one size, or sizes in a whole ratio, of at least {LEAST} x {LEAST} pixels; "
                "make the set again",
            )
        draws = {} if pair.kernel is None else {"kernel": self._kernel(pair.kernel)}
        return Pair(pair.image, pair.version, pair.groups, sharp, degraded, pair.labels, draws)

    def _read(self, picture: StoredPicture) -> Array:
        file = self._folder / picture.file
        pixels = read_rgb(file)
        if digest_of(pixels) != picture.sha256:
            raise DataError(
                f"{file}: not the picture that was stored", "make the set again, or copy it again"
            )
        return pixels

    @cached_property
    def _kernels(self) -> Array:
        file = Path(self._kernel_file or "")
        if file.name != self._kernel_file:
            raise DataError(
                f"{self._folder / MANIFEST}: kernels is not a file beside it", "make the set again"
            )
        return load_kernels(self._folder / file).kernels

    def _kernel(self, number: int) -> Array:
        if not 0 <= number < len(self._kernels):
            raise DataError(f"{self._folder / MANIFEST}: there is no kernel {number}", "make the set again")
        kernel: Array = np.asarray(self._kernels[number])
        return kernel
