"""Fetch a model from the Hub into the Hub's cache: no file that a bundle does not have, and each one checked."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath

from restorekit import __version__, reading, tensors
from restorekit.bundle import FILES, GRAPH, WEIGHTS, find_bundle, load_bundle
from restorekit.errors import BundleError
from restorekit.hub.digest import blob_name, check_digest
from restorekit.hub.errors import hub_errors
from restorekit.plugins import registry
from restorekit.registries import Entry

_REPO = re.compile(r"(?P<repo>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>(?!\.)\w[\w.+-]*(/\w[\w.+-]*)*))?", re.ASCII)


def fetch_model(model: str | Path | None) -> Path:
    """Return the directory of a model, fetched from the Hub if it is not on this machine.

    Args:
        model: A bundle directory, the name of a shipped model or of a plugin's, None for the default, or else
            ``OWNER/NAME`` or ``OWNER/NAME@REVISION`` on the Hub.

    Raises:
        BundleError: There is none of that name, or it cannot be fetched.
    """
    if model is not None and not Path(model).is_dir():
        if str(model) in registry("model"):
            entry = registry("model").entry(str(model))
            repo = on_hub(entry)
            return pull(repo) if repo else entry.path()
        if _REPO.fullmatch(str(model)):
            return pull(str(model))
    try:
        return find_bundle(model)
    except BundleError as error:
        raise BundleError(error.message, f"{error.hint}, or OWNER/NAME on the Hub") from None


def on_hub(entry: Entry) -> str:
    """Return where on the Hub a plugin's model lies; empty if it lies in the plugin itself."""
    place, _, repo = str(entry.target).partition(":")
    return repo if place == "hub" else ""


def pull(model: str) -> Path:
    """Fetch ``OWNER/NAME`` or ``OWNER/NAME@REVISION`` from the Hub, and return its directory in the Hub's cache.

    The config comes first, the weights last, all of one commit, and no code. What is in the cache already is not
    fetched again, but checked again.

    Raises:
        BundleError: It cannot be fetched, is not a bundle, or a file does not have the digest that the Hub states.
        UnknownNameError: No plugin here provides its network or a task.
    """
    matched = _REPO.fullmatch(model)
    if not matched:
        raise BundleError(f"'{model}' is not a model of the Hub", "write OWNER/NAME or OWNER/NAME@REVISION")
    repo, revision = matched["repo"], matched["revision"]
    with hub_errors(repo, revision):
        _check_sizes(repo, revision)
        folder = _download(repo, FILES[0], revision).parent
        digests = _digests(repo, folder)
        for name in FILES:
            if name == WEIGHTS:
                _check_config(repo, folder, has_weights=name in digests or (folder / name).exists())
            if name in digests:
                file = _download(repo, name, folder.name)
                if file.parent != folder:
                    raise BundleError(
                        f"{repo}: the Hub gives {name} of another commit than was asked for",
                        "try again later",
                    )
                check_digest(file, digests[name], repo)
    return folder


def _download(repo: str, name: str, revision: str | None) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(
        hf_hub_download(repo, name, revision=revision, library_name="restorekit", library_version=__version__)
    )


def _check_sizes(repo: str, revision: str | None) -> None:
    """See that no file is larger than one of a bundle may be, before any is fetched.

    A Hub that does not answer is left to the download, which finds what it needs in the cache, or says why not.
    """
    from huggingface_hub import model_info

    try:
        siblings = model_info(repo, revision=revision, files_metadata=True).siblings or []
    except Exception:
        return
    for each in siblings:
        most = {WEIGHTS: tensors.LARGEST, GRAPH: reading.GRAPH_MOST}.get(each.rfilename, reading.TEXT)
        if each.rfilename in FILES and (each.size or 0) > most:
            raise BundleError(
                f"{repo}: its {each.rfilename} has {each.size:,} bytes, where a bundle's has at most {most:,}",
                "nothing was fetched; choose a repository made by restorekit publish",
            )


def _digests(repo: str, folder: Path) -> dict[str, str]:
    """Return what digest the Hub states for each file of a bundle that it has; ``folder`` is named by the commit.

    Once the weights are there all is, and the cache calls every file by its digest, so that nobody need be asked.
    A cache without links, as on some disks of Windows, does not; what it has was checked when it came.
    """
    if (folder / WEIGHTS).exists():
        links = (folder / name for name in FILES)
        return {link.name: PurePath(blob_name(link)).name for link in links if link.is_symlink()}
    from huggingface_hub import model_info

    siblings = model_info(repo, revision=folder.name, files_metadata=True).siblings or []
    digests = {each.rfilename: each.lfs.sha256 if each.lfs else each.blob_id for each in siblings}
    return {name: digests[name] or "" for name in FILES if name in digests}


def _check_config(repo: str, folder: Path, *, has_weights: bool) -> None:
    """See that the config can be used, before the weights are fetched."""
    try:
        if not has_weights:
            raise BundleError(f"it has no {WEIGHTS}", "")
        load_bundle(folder)
    except BundleError as error:
        raise BundleError(
            f"{repo} is not a bundle that can be used here: {error.message.replace(f'{folder}{os.sep}', '')}",
            "choose a repository made by restorekit publish, or update restorekit",
        ) from None
