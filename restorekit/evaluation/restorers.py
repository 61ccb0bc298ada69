"""The restorers of an evaluation, by the names that its tables call them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.evaluation.score import INPUT


def load_restorers(wanted: Sequence[str | Path | Restorer], device: str = "auto") -> dict[str, Restorer]:
    """Load restorers; where two have one name, all go by what they were asked for by.

    Args:
        wanted: Restorers, or what `restorekit.load_restorer` takes; ``input`` stands for the degraded pictures, which
            are always scored. The default model, if none is named.
        device: Where bundles compute.

    Raises:
        RestorekitError: One is asked for twice, or cannot be loaded.
    """
    asked: list[str | Path | Restorer | None] = [each for each in wanted if each != INPUT]
    if not wanted:
        asked = [None]
    for each in asked:
        if asked.count(each) > 1:
            raise RestorekitError(f"model '{each}' is given twice", "give each once")
    if not asked:
        return {}
    from restorekit.restore.load import load_restorer

    restorers = [each if isinstance(each, Restorer) else load_restorer(each, device) for each in asked]
    names = [
        restorer.name or (type(each).__name__ if isinstance(each, Restorer) else str(each))
        for restorer, each in zip(restorers, asked, strict=True)
    ]
    if len({*names, INPUT}) <= len(names):
        names = [
            f"{name} {n}" if isinstance(each, Restorer) else str(each)
            for n, (name, each) in enumerate(zip(names, asked, strict=True), 1)
        ]
    return dict(zip(names, restorers, strict=True))
