"""Evaluation in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.evaluation.load import load_protocol, override
from restorekit.evaluation.manifest import MANIFEST, is_stored_set
from restorekit.evaluation.pairs import MadePairs, Pairs
from restorekit.evaluation.protocol import Protocol
from restorekit.evaluation.restorers import load_restorers
from restorekit.evaluation.score import Row, score_pairs
from restorekit.evaluation.stored import StoredPairs
from restorekit.extras import need

USUAL = "faces80"


def evaluate(
    test: str | Path | Protocol | None = None,
    restorers: Sequence[str | Path | Restorer] = (),
    *,
    data: str | Path | None = None,
    overrides: Sequence[str] = (),
    limit: int | None = None,
    batch: int = 32,
    device: str = "auto",
) -> list[Row]:
    """Score restorers on a test set.

    Args:
        test: A recipe of a test set, the name of one that restorekit ships, or a protocol made in Python;
            ``faces80`` if left out.
        restorers: Restorers, or what `restorekit.load_restorer` takes; those that the recipe names, if left out.
        data: The folder of its pictures (``source.path``), if the recipe does not say; or a stored set, with its own
            test.
        overrides: ``key=value`` each, changes to the recipe.
        limit: Keep so many pictures, the first.
        batch: Pictures restored at once.
        device: auto, cpu, cuda, cuda:1 or mps; for bundles.

    Returns:
        A row for each pair and restorer, picture by picture; ``input`` is the degraded picture itself.

    Raises:
        RestorekitError: The recipe, the data or a restorer cannot be used.
    """
    pairs = open_pairs(test, data, overrides, limit)
    models = load_restorers(restorers or pairs.restorers, device)
    return list(score_pairs(pairs, models, pairs.metrics, batch))


def open_pairs(
    test: str | Path | Protocol | None,
    data: str | Path | None = None,
    overrides: Sequence[str] = (),
    limit: int | None = None,
) -> Pairs:
    """Open the pairs of a test set, or those of a stored one; as `evaluate` says of the arguments.

    Raises:
        RestorekitError: The recipe or the data cannot be used.
    """
    need("train", "evaluation")
    if data is not None and is_stored_set(Path(data)):
        if test is not None or overrides:
            raise RestorekitError(f"{data}: has its own {MANIFEST}", "leave out what would change it")
        return StoredPairs(Path(data), limit)
    if isinstance(test, Protocol):
        if data is not None or overrides:
            raise RestorekitError(
                "a protocol already has a source", "make the protocol with the right source"
            )
        return MadePairs(test, limit)
    path = [override("source.path", str(data))] if data is not None else []
    return MadePairs(load_protocol(test or USUAL, [*overrides, *path]), limit)
