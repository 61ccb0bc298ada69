"""Fetch one file of the Hub: a pinned commit, and a digest that is checked each time."""

from __future__ import annotations

from pathlib import Path, PurePath

from restorekit import __version__
from restorekit.hub.digest import blob_name, check_digest
from restorekit.hub.errors import hub_errors

_PATIENCE = 10
"""Seconds to wait for a Hub that does not answer."""


def fetch(repo: str, file: str, revision: str = "main", sha256: str | None = None) -> Path:
    """Return a file in the Hub's cache, downloaded if it is not there.

    The Hub is the one of ``HF_ENDPOINT``; with ``HF_HUB_OFFLINE`` only the cache is looked at.

    Args:
        repo: The repository, ``OWNER/NAME``.
        file: The file's path in it.
        revision: The commit that the file is of; a branch's file is whatever it is when it is downloaded.
        sha256: The file's SHA-256 in hex, if it is known beforehand; else the digest that the Hub stated for it.

    Raises:
        RestorekitError: It cannot be downloaded, or does not have the digest; what was downloaded is then removed.
    """
    from huggingface_hub import model_info
    from huggingface_hub.errors import LocalEntryNotFoundError

    with hub_errors(repo, revision, file):
        try:
            found = _download(repo, file, revision, local=True)
        except LocalEntryNotFoundError:
            model_info(repo, revision=revision, timeout=_PATIENCE)  # a download knocks for half a minute
            found = _download(repo, file, revision, local=False)
        stated = sha256 or (PurePath(blob_name(found)).name if found.is_symlink() else None)
        if stated is not None:  # a cache without links keeps no digest
            check_digest(found, stated, repo)
    return found


def _download(repo: str, file: str, revision: str, *, local: bool) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(
        hf_hub_download(
            repo,
            file,
            revision=revision,
            library_name="restorekit",
            library_version=__version__,
            local_files_only=local,
        )
    )
