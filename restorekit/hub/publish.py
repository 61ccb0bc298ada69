"""Publish a bundle on the Hub: what is uploaded is fixed first, then goes up as one commit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from restorekit import __version__
from restorekit.bundle import CARD, FILES, GRAPH, WEIGHTS, Bundle, find_bundle, load_bundle, portable
from restorekit.card import complete_card, is_unedited, model_card
from restorekit.errors import BundleError, RestorekitError
from restorekit.extras import installed, need
from restorekit.graph import read_graph
from restorekit.hub.errors import hub_errors
from restorekit.reading import read_text
from restorekit.recipe.toml import read_toml

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_TOKEN = re.compile(rb"\bhf_[A-Za-z0-9]{20,}")


@dataclass(frozen=True)
class Upload:
    """What will be uploaded.

    Attributes:
        name: What the bundle is called.
        texts: The small files, by name, as they will be.
        weights: The file of the weights.
        graph: The graph; None if there is none.
    """

    name: str
    texts: Mapping[str, bytes]
    weights: Path
    graph: Path | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by name."""
        small = {name: len(data) for name, data in self.texts.items()}
        return small | {name: file.stat().st_size for name, file in self.files.items()}

    @property
    def files(self) -> dict[str, Path]:
        """The files that go up as they are, by name."""
        return ({GRAPH: self.graph} if self.graph else {}) | {WEIGHTS: self.weights}


def prepare(model: Path, license: str) -> Upload:
    """Read a bundle, see that it loads, and make what will be uploaded of it.

    The card gets the metadata that it lacks; what a person wrote in it stays.

    Args:
        model: A bundle, a run directory that has one, or the name of a shipped model.
        license: The Hub's id of a licence, such as cc-by-nc-4.0.

    Raises:
        BundleError: It is no bundle, its parts do not fit, or it would tell of this computer or hold a token.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", license):
        raise BundleError(f"'{license}' is not an id of a licence", "give one such as apache-2.0 or other")
    inner = model / "bundle"
    folder = find_bundle(inner if inner.is_dir() and not (model / "config.json").exists() else model)
    bundle = load_bundle(folder)
    _check_parts(bundle)
    config, metrics = (portable(_json(folder, name)) for name in ("config.json", "metrics.json"))
    try:
        card = complete_card(_text(folder, CARD) or model_card(config, metrics), config, metrics, license)
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            f"{folder}: no card can be made of it: {error!r}", "fix its metrics.json"
        ) from error
    texts = {
        "config.json": _dump(config),
        CARD: card,
        "recipe.toml": _recipe(folder),
        "metrics.json": _dump(metrics),
    }
    small = {name: texts[name].encode() for name in FILES if name in texts}
    upload = Upload(bundle.name, small, folder / WEIGHTS, folder / GRAPH if bundle.has_graph else None)
    _check_private(upload)
    return upload


def publish(upload: Upload, repo: str, *, private: bool = False) -> tuple[str, bool]:
    """Upload as one commit, making the repository if there is none.

    A card on the Hub that a person edited stays as it is.

    Args:
        upload: What `prepare` made.
        repo: ``OWNER/NAME``.
        private: Make the repository one that only its owner sees; one that is public already is an error.

    Returns:
        The commit's id, and whether a person's card on the Hub was kept.

    Raises:
        BundleError: The Hub does not take it.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", repo, re.ASCII):
        raise BundleError(f"'{repo}' is not a name on the Hub", "write OWNER/NAME")
    api = HfApi(library_name="restorekit", library_version=__version__)
    with hub_errors(repo):
        api.create_repo(repo, private=private or None, exist_ok=True)
        info = api.model_info(repo)
        if private and not info.private:
            raise BundleError(
                f"{repo} is public already", "make it private on its page, or leave out private=true"
            )
        kept = CARD in {each.rfilename for each in info.siblings or []} and _is_edited(api, repo, info.sha)
        files: dict[str, bytes | Path] = {**upload.texts, **upload.files}
        commit = api.create_commit(
            repo,
            [CommitOperationAdd(name, file) for name, file in files.items() if not (kept and name == CARD)],
            commit_message=f"{upload.name}, published by restorekit {__version__}",
            parent_commit=info.sha,  # so that a card edited since is not replaced
        )
    return commit.oid, kept


def _is_edited(api: HfApi, repo: str, commit: str | None) -> bool:
    card = Path(api.hf_hub_download(repo, CARD, revision=commit))
    return not is_unedited(card.read_bytes().decode(errors="replace"))


def _text(folder: Path, name: str) -> str | None:
    file = folder / name
    try:
        return read_text(file) if file.exists() else None
    except (OSError, ValueError) as error:
        raise BundleError(f"{file} cannot be read: {error}", "get the bundle again") from None


def _json(folder: Path, name: str) -> Any:
    try:
        return json.loads(_text(folder, name) or "{}")
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{folder / name} cannot be read: {error}", "get the bundle again") from None


def _dump(tree: Any) -> str:
    return json.dumps(tree, indent=2) + "\n"


def _recipe(folder: Path) -> str:
    file = folder / "recipe.toml"
    try:
        return tomli_w.dumps(portable(read_toml(file, file.name)[0])) if file.exists() else ""
    except RestorekitError as error:
        raise BundleError(f"{file} cannot be read: {error.message}", "get the bundle again") from None


def _check_parts(bundle: Bundle) -> None:
    """See that a bundle's parts belong together: by the network itself, or without torch by the graph alone."""
    if bundle.has_graph:
        read_graph(bundle)
    else:
        need("train", "publishing a model that has no graph", "torch")
    if installed("torch"):
        bundle.module()


def _check_private(upload: Upload) -> None:
    """See that what will be uploaded has neither a token nor a directory of whoever publishes."""
    from huggingface_hub import get_token

    with upload.weights.open(
        "rb"
    ) as file:  # a header of names, and perhaps of words, comes before the numbers
        header = file.read(int.from_bytes(file.read(8), "little"))
    secrets = {
        "a token": get_token() or "",
        "your home directory": str(Path.home()),
        "where it lies on your disk": str(upload.weights.resolve().parent),
    }
    graph = {GRAPH: upload.graph.read_bytes()} if upload.graph else {}
    for name, data in {**upload.texts, **graph, WEIGHTS: header}.items():
        found = [what for what, secret in secrets.items() if len(secret) > 3 and secret.encode() in data]
        if _TOKEN.search(data):
            found.append("a token")
        if found:
            raise BundleError(f"{name} names {found[0]}", "take it out, then publish")
