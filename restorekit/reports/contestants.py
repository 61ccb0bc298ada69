"""Who is scored: restorers, and what tells each from another of the same name."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from restorekit import __version__
from restorekit.contracts import Restorer
from restorekit.evaluation.restorers import DEFAULT, load_restorers
from restorekit.evaluation.score import INPUT
from restorekit.hub.digest import file_digest
from restorekit.restore.onnx import OnnxRestorer
from restorekit.restore.restorer import NetworkRestorer

TOLD = {"kernel": "true kernel", "size": "true size"}
"""What tables call things that a test set tells a restorer."""


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A restorer that is scored.

    Attributes:
        restorer: The restorer.
        identity: All that its results depend on, in words.
    """

    restorer: Restorer
    identity: str

    @property
    def told(self) -> str:
        """What it is told besides the picture, in words for a table; empty if nothing."""
        return ", ".join(words for need, words in TOLD.items() if need in self.restorer.needs)


def load_contestants(wanted: Sequence[str | Path | Restorer], device: str) -> dict[str, Contestant]:
    """Load restorers, by the names that tables call them.

    Args:
        wanted: What they are asked for by, as `load_restorers` takes it.
        device: Where bundles compute.

    Raises:
        RestorekitError: One cannot be loaded.
    """
    asked = [each for each in dict.fromkeys(wanted) if each != INPUT] if wanted else [DEFAULT]
    named = load_restorers([INPUT, *asked], device)
    return {
        name: Contestant(restorer, _identity(each, restorer))
        for each, (name, restorer) in zip(asked, named.items(), strict=True)
    }


def able(contestants: Mapping[str, Contestant], known: Mapping[str, object]) -> dict[str, Contestant]:
    """Keep those that need nothing which the pairs do not know."""
    return {n: each for n, each in contestants.items() if all(need in known for need in each.restorer.needs)}


def _identity(asked: str | Path | Restorer, restorer: Restorer) -> str:
    if isinstance(restorer, NetworkRestorer):
        state = restorer.module.state_dict()
        digest = hashlib.sha256()
        for name, tensor in state.items():
            digest.update(name.encode() + tensor.detach().cpu().numpy().tobytes())
        return f"{restorer.network!r} {digest.hexdigest()} {__version__}"
    if isinstance(restorer, OnnxRestorer):
        return f"onnx {restorer.digest} {__version__}"
    is_file = not isinstance(asked, Restorer) and Path(asked).is_file()
    file = file_digest(Path(str(asked)), git=False) if is_file else ""
    settings = repr(restorer) if dataclasses.is_dataclass(restorer) else str(asked)
    return f"{settings} {file} {__version__}"
