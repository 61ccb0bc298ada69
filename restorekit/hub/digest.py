"""Digests: whether a file is the one that the Hub states."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePath

from restorekit.errors import BundleError


def check_digest(file: Path, stated: str, repo: str) -> None:
    """Compare a file in the Hub's cache with its digest; one that differs is removed from the cache.

    The client compares no more than lengths, and names the file in the cache by what it was told.

    Args:
        file: ``REPO/snapshots/COMMIT/NAME`` in the cache, a link to the bytes in ``REPO/blobs``, or the bytes.
        stated: SHA-256 in hex for large files, or the SHA-1 of the git blob for small ones.
        repo: Where it comes from, for the message.

    Raises:
        BundleError: It differs.
    """
    digests = {stated, PurePath(blob_name(file)).name if file.is_symlink() else stated}
    if all(file_digest(file, git=len(digest) == 40) == digest for digest in digests):
        return
    blob = file.parent / blob_name(file)
    cached = next((each.parent for each in file.parents if each.name == "snapshots"), file.parent)
    if blob.parent.resolve() == (cached / "blobs").resolve():  # a link may lead anywhere
        blob.unlink(missing_ok=True)
    file.unlink(missing_ok=True)
    raise BundleError(
        f"{file.name} of {repo} does not have the digest that the Hub states, and is removed from the cache",
        "try again; if it fails again, tell its owner",
    )


def file_digest(file: Path, *, git: bool) -> str:
    """Return a file's SHA-256 or, as git names a blob, the SHA-1 of its length and bytes; in hex."""
    with file.open("rb") as stream:
        if not git:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        blob = hashlib.sha1(f"blob {os.fstat(stream.fileno()).st_size}\0".encode(), usedforsecurity=False)
        return hashlib.file_digest(stream, lambda: blob).hexdigest()


def blob_name(file: Path) -> str:
    """Return where a link of the Hub's cache leads; its last part is the digest that the Hub stated."""
    return os.readlink(file) if file.is_symlink() else file.name
