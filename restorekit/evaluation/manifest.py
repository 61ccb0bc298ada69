"""What a degraded test set, kept as files, says of itself in its manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import DataError
from restorekit.reading import LISTING, read_text

if TYPE_CHECKING:
    from restorekit.contracts import Array

MANIFEST = "manifest.json"
HINT = "if restorekit wrote it, make the set again; if not, move the file elsewhere"
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

    def __post_init__(self) -> None:
        path = Path(self.file)
        if path.anchor or ".." in path.parts or "\0" in self.file:
            raise ValueError("file is a path within the set")


@dataclass(frozen=True)
class StoredPair:
    """What the manifest says of a pair; fields that `restorekit.evaluation.pairs.Pair` has mean the same.

    Attributes:
        seed: What seeded numpy's default generator for all that was drawn.
        kernel: The number of its blur kernel in the file of the kernels, if one was drawn.
        labels: What the source knows of the picture, as far as it is text or numbers.
    """

    image: str
    version: int
    groups: dict[str, int | str]
    seed: list[int]
    sharp: StoredPicture
    degraded: StoredPicture
    kernel: int | None = None
    labels: dict[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a stored set says of itself.

    Attributes:
        restorekit: The version that made it.
        data: Name of the folder that the sharp pictures came from.
        list: Name of the list that chose them, if one did.
        protocol: How the degraded pictures were made, and what is measured on them.
        kernels: The file of the kernels, if there are any.
        digest: What the digests are of.
        pairs: The pairs in order.
    """

    restorekit: str
    data: str
    list: str | None
    protocol: dict[str, Any]
    kernels: str | None
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
        manifest = TypeAdapter(Manifest).validate_python(_renewed(_parsed(file)))
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
        return json.loads(read_text(file, LISTING))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read ({error})", HINT) from None


def _renewed(manifest: Any) -> Any:
    """Say of the pairs of an old manifest, which knew of blur alone, what those of a new one say."""
    pairs = manifest.get("pairs") if isinstance(manifest, dict) else None
    if not isinstance(pairs, list):
        return manifest
    return manifest | {"pairs": [_renewed_pair(pair) if isinstance(pair, dict) else pair for pair in pairs]}


def _renewed_pair(pair: dict[str, Any]) -> dict[str, Any]:
    if "groups" in pair or not {"kernel", "size", "law", "noise_seed"} <= pair.keys():
        return pair
    groups = {"size": pair["size"], "law": pair["law"]}
    return pair | {"version": pair["kernel"], "groups": groups, "seed": pair["noise_seed"]}
