"""What a degraded test set, kept as files, says of itself in its manifest."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import DataError

if TYPE_CHECKING:
    from restorekit.contracts import Array

MANIFEST = "manifest.json"
HINT = "if 'restorekit protocol make' wrote it, make the set anew; if not, move the file elsewhere"
DIGEST = "SHA-256 of the decoded picture: H x W x 3 bytes of RGB, row by row"


@dataclass(frozen=True)
class StoredKernels:
    """The blur kernels in short: their set's name, its different laws, its centring, and how many they are."""

    name: str
    laws: list[str]
    centring: str
    count: int


@dataclass(frozen=True)
class StoredProtocol:
    """How the degraded pictures were made, in words and numbers.

    Attributes:
        crop: Which part of a picture is scored.
        kernels: What it was blurred with.
        blur: How it was blurred.
        noise_grey_levels: Standard deviation of the noise, of 255.
        noise_seed: What the seeds of all pairs begin with.
        depth: What became of values between the grey levels.
    """

    crop: str
    kernels: StoredKernels
    blur: str
    noise_grey_levels: float
    noise_seed: int
    depth: str

    def __post_init__(self) -> None:
        if not 0 <= self.noise_grey_levels < math.inf:
            raise ValueError(f"noise_grey_levels {self.noise_grey_levels:g} is no number of grey levels")


@dataclass(frozen=True)
class StoredPicture:
    """A file of the set.

    Attributes:
        file: Its path within the set, with forward slashes.
        sha256: As `DIGEST` says.
    """

    file: str
    sha256: str

    def __post_init__(self) -> None:
        path = Path(self.file)
        if path.anchor or ".." in path.parts or "\0" in self.file:
            raise ValueError("file is a path within the set")


@dataclass(frozen=True)
class StoredPair:
    """What the manifest says of a pair; fields that `restorekit.evaluation.pairs.Pair` has mean the same.

    Attributes:
        centring: What lies at the kernel's middle element.
        noise_seed: What seeded numpy's default generator for the noise.
    """

    image: str
    kernel: int
    size: int
    law: str
    centring: str
    noise_seed: list[int]
    sharp: StoredPicture
    degraded: StoredPicture

    def __post_init__(self) -> None:
        if self.size < 1 or self.size % 2 == 0:
            raise ValueError(f"size {self.size} is not odd and above 0")


@dataclass(frozen=True)
class Manifest:
    """What a stored set says of itself.

    Attributes:
        restorekit: The version that made it.
        data: Name of the folder that the sharp pictures came from.
        list: Name of the list that chose them, if one did.
        protocol: How the degraded pictures were made.
        kernels: The file of the kernels.
        digest: What the digests are of.
        pairs: The pairs in order.
    """

    restorekit: str
    data: str
    list: str | None
    protocol: StoredProtocol
    kernels: str
    digest: str
    pairs: tuple[StoredPair, ...]


def digest_of(pixels: Array) -> str:
    """Return the digest of an H,W,3 uint8 picture, as `DIGEST` says."""
    return sha256(pixels.tobytes()).hexdigest()


def read_manifest(file: Path) -> Manifest:
    """Read what `restorekit.evaluation.store.store_pairs` wrote.

    Raises:
        DataError: The file cannot be read, is no manifest, or has no pairs.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        manifest = TypeAdapter(Manifest).validate_python(_parsed(file))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise DataError(f"{file}: {where}: {first['msg'].lower()}", HINT) from None
    if not manifest.pairs:
        raise DataError(f"{file}: no pairs", HINT)
    return manifest


def is_stored_set(folder: Path) -> bool:
    """Tell a degraded test set from a folder whose manifest is another program's, or that has none.

    Raises:
        DataError: There is a manifest that cannot be read, so that nobody knows whose it is.
    """
    file = folder / MANIFEST
    if not file.is_file():
        return False
    manifest = _parsed(file)
    return isinstance(manifest, dict) and {"restorekit", "digest"} <= manifest.keys()


def _parsed(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read ({error})", HINT) from None
