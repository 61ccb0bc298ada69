"""The restorers of an evaluation, by the names that its tables call them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.evaluation.score import INPUT

if TYPE_CHECKING:
    from torch import Tensor

DEFAULT = "default"
"""What stands for the default model."""

CLEAR = "clear"
"""What stands for the sharp pictures among restorers: what a metric says of them is the most that can be reached."""


class Clear(Restorer):
    """Gives the sharp picture of a test set."""

    name = CLEAR
    needs = ("target",)

    def restore(self, images: Tensor, target: Tensor | None = None) -> Tensor:
        """Return ``target``, N,H,W,3 of 0 to 255, as N,3,H,W in [0, 1]."""
        assert target is not None
        return target.permute(0, 3, 1, 2) / 255


def load_restorers(wanted: Sequence[str | Path | Restorer], device: str = "auto") -> dict[str, Restorer]:
    """Load restorers; those that share a name go by what they were asked for by, or with the keys that they have.

    Args:
        wanted: Restorers, or what `restorekit.load_restorer` takes; ``input`` stands for the degraded pictures, which
            are always scored, ``clear`` for the sharp ones, and ``default`` for the default model, which is taken if
            none is named.
        device: Where bundles compute.

    Raises:
        RestorekitError: One is asked for twice, or cannot be loaded.
    """
    asked: list[str | Path | Restorer] = [each for each in wanted if each != INPUT] if wanted else [DEFAULT]
    for each in asked:
        if asked.count(each) > 1:
            raise RestorekitError(f"model '{each}' is given twice", "give each once")
    if not asked:
        return {}
    restorers = [each if isinstance(each, Restorer) else _load(each, device) for each in asked]
    names = [
        restorer.name or (type(each).__name__ if isinstance(each, Restorer) else str(each))
        for restorer, each in zip(restorers, asked, strict=True)
    ]
    for apart in (_by_asking, _by_number):
        shared = {name for name in names if [*names, INPUT].count(name) > 1}
        names = [
            apart(name, each, n) if name in shared else name
            for n, (name, each) in enumerate(zip(names, asked, strict=True), 1)
        ]
    return dict(zip(names, restorers, strict=True))


def _by_asking(name: str, asked: str | Path | Restorer, _: int) -> str:
    if not isinstance(asked, Restorer):
        return str(asked)
    fields: Sequence[dataclasses.Field[Any]] = (
        dataclasses.fields(asked) if dataclasses.is_dataclass(asked) else ()
    )
    changed = [each.name for each in fields if each.repr and getattr(asked, each.name) != _usual(each)]
    return " ".join([name, *(f"{key}={getattr(asked, key)}" for key in changed)])


def _usual(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _by_number(name: str, asked: str | Path | Restorer, n: int) -> str:
    return f"{name} {n}"


def _load(asked: str | Path, device: str) -> Restorer:
    from restorekit.restore.load import load_restorer

    if asked == CLEAR:
        return Clear()
    return load_restorer(None if asked == DEFAULT else asked, device)
