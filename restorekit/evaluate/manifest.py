"""What a degraded test set, kept as files, says of itself in its manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import DataError

if TYPE_CHECKING:
    from restorekit.contracts import Array

MANIFEST = "manifest.json"
DIGEST = "SHA-256 of the decoded picture: H x W x 3 bytes of RGB, row by row"


@dataclass(frozen=True)
class StoredPicture:
    """A file of the set.

    Attributes:
        file: Its path within the set, with forward slashes.
        sha256: As `DIGEST` says.
    """

    file: str
    sha256: str


@dataclass(frozen=True)
class StoredPair:
    """What the manifest says of a pair; fields that `restorekit.evaluate.pairs.Pair` has mean the same.

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


@dataclass(frozen=True)
class Manifest:
    """What a stored set says of itself.

    Attributes:
        restorekit: The version that made it.
        data: Name of the folder that the sharp pictures came from.
        list: Name of the list that chose them, if one did.
        protocol: As `restorekit.evaluate.protocol.Protocol.describe` gives it.
        kernels: The file of the kernels.
        digest: What the digests are of.
        pairs: The pairs in order.
    """

    restorekit: str
    data: str
    list: str | None
    protocol: dict[str, Any]
    kernels: str
    digest: str
    pairs: tuple[StoredPair, ...]


def digest_of(pixels: Array) -> str:
    """Return the digest of an H,W,3 uint8 picture, as `DIGEST` says."""
    return sha256(pixels.tobytes()).hexdigest()


def read_manifest(file: Path) -> Manifest:
    """Read what `restorekit.evaluate.store.store_pairs` wrote.

    Raises:
        DataError: The file cannot be read, is no manifest, or has no pairs.
    """
    from pydantic import TypeAdapter, ValidationError

    hint = "a folder with such a file is taken for what 'restorekit protocol make' wrote: make it anew"
    try:
        manifest = TypeAdapter(Manifest).validate_python(json.loads(file.read_bytes()))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise DataError(f"{file}: {where}: {first['msg'].lower()}", hint) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read ({error})", hint) from None
    if not manifest.pairs:
        raise DataError(f"{file}: no pairs", hint)
    return manifest
