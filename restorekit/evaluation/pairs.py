"""Test pairs: a sharp picture and a degraded version of it, made when asked for, or from files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import DataError
from restorekit.evaluation.manifest import MANIFEST, StoredPicture, digest_of, read_manifest
from restorekit.evaluation.pictures import find_images
from restorekit.evaluation.protocol import LEAST, Protocol
from restorekit.images import read_rgb

if TYPE_CHECKING:
    from restorekit.contracts import Array


@dataclass(frozen=True)
class Pair:
    """A sharp picture and one degraded version of it.

    Attributes:
        image: Name of the picture.
        kernel: Number of the kernel in its set.
        size: Support size of the kernel, in pixels.
        law: The law that the kernel was drawn from.
        sharp: H,W,3 uint8 RGB.
        degraded: H,W,3 uint8 RGB.
    """

    image: str
    kernel: int
    size: int
    law: str
    sharp: Array
    degraded: Array


class Pairs(ABC):
    """Pairs in a fixed order: picture by picture, and of each kernel by kernel.

    Attributes:
        about: What they were made from: ``data``, ``list`` and ``protocol``, for a result file.
    """

    about: dict[str, Any]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, n: int) -> Pair: ...

    def __iter__(self) -> Iterator[Pair]:
        return (self[n] for n in range(len(self)))


class MadePairs(Pairs):
    """The pairs of a protocol, each made when it is asked for.

    Args:
        protocol: How they are made.
        data: Where the sharp pictures are, as `find_images` takes it.
        listing: Which of them; all, if None.
        limit: Keep so many, the first by name.

    Attributes:
        names: The names of the pictures, in order.

    Raises:
        DataError: As `find_images` says.
        ImageError: On access: the picture cannot be read, or does not have the crop.
    """

    def __init__(
        self, protocol: Protocol, data: Path, listing: Path | None = None, limit: int | None = None
    ) -> None:
        self.protocol = protocol
        self._folder, self.names = find_images(data, listing, limit)
        self._wide = lru_cache(maxsize=1)(self._read)
        self.about = {
            "data": data.resolve().name,
            "list": listing.name if listing else None,
            "protocol": asdict(protocol.describe()),
        }

    def __len__(self) -> int:
        return len(self.names) * len(self.protocol.kernels)

    def __getitem__(self, n: int) -> Pair:
        kernels, margin = self.protocol.kernels, self.protocol.kernels.margin
        i, k = divmod(n, len(kernels))
        wide = self._wide(i)
        sharp = wide[margin : wide.shape[0] - margin, margin : wide.shape[1] - margin]
        size, law = int(kernels.sizes[k]), kernels.laws[k]
        return Pair(self.names[i], k, size, law, sharp, self.protocol.degrade(wide, i, k))

    def _read(self, image: int) -> Array:
        file = self._folder / self.names[image]
        return self.protocol.widened_crop(read_rgb(file), str(file))


class StoredPairs(Pairs):
    """The pairs of a set as files, each compared with its digest when it is read.

    Args:
        folder: What `store_pairs` wrote.
        limit: Keep so many pictures, the first.

    Raises:
        DataError: The manifest is none; on access: a picture is not the one that was stored, or too small for the
            kernel's size.
        ImageError: On access: a picture cannot be read.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        manifest = read_manifest(folder / MANIFEST)
        kept = set(list(dict.fromkeys(pair.image for pair in manifest.pairs))[:limit])
        self._folder, self._pairs = folder, [pair for pair in manifest.pairs if pair.image in kept]
        self._sharp = lru_cache(maxsize=1)(self._read)
        self.about = {
            "data": manifest.data,
            "list": manifest.list,
            "protocol": asdict(manifest.protocol),
        }

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, n: int) -> Pair:
        pair = self._pairs[n]
        sharp, degraded = self._sharp(pair.sharp), self._read(pair.degraded)
        least = max(LEAST, 2 * pair.size)  # as `Protocol.widened_crop` leaves, and more
        if sharp.shape != degraded.shape or min(sharp.shape[:2]) < least:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (sharp, degraded)]
            raise DataError(
                f"{self._folder / pair.degraded.file}: {sizes[1]} pixels, sharp {sizes[0]}, kernel size {pair.size}",
                f"both need one size, here at least {least} x {least} pixels; make the set anew",
            )
        return Pair(pair.image, pair.kernel, pair.size, pair.law, sharp, degraded)

    def _read(self, picture: StoredPicture) -> Array:
        file = self._folder / picture.file
        pixels = read_rgb(file)
        if digest_of(pixels) != picture.sha256:
            raise DataError(f"{file}: not the picture that was stored", "make the set anew, or copy it again")
        return pixels
