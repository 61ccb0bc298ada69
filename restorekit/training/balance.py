"""weight = "auto": a loss whose size depends on its features is balanced against the others when it first counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from torch import Tensor

SHARE = 0.2
"""What a balanced loss amounts to, as a share of the other losses of its stage."""

BATCHES = 50
"""Batches that are measured."""


def balance(measured: Iterable[Mapping[str, Tensor]], auto: Iterable[str]) -> dict[str, float]:
    """Find the weight of each loss in ``auto``, so that it is ``SHARE`` of the sum of those that have a weight.

    Args:
        measured: The terms (``loss/task/scale``) of a few batches, those of ``auto`` at weight 1.
        auto: Names of the losses without a weight.

    Returns:
        A weight for each, to three significant digits.

    Raises:
        RestorekitError: It, or all the others, are zero or not a number.
    """
    sums: dict[str, float] = {}
    for terms in measured:
        for key, value in terms.items():
            name = key.partition("/")[0]
            sums[name] = sums.get(name, 0.0) + float(value)
    auto = set(auto)
    others = sum(value for name, value in sums.items() if name not in auto)
    for name in sorted(auto):
        if not (sums[name] > 0 and others > 0):
            raise RestorekitError(
                f"loss '{name}' is {sums[name]:g} while the others are {others:g}: nothing to balance",
                "give it a number as weight",
            )
    return {name: float(f"{SHARE * others / sums[name]:.3g}") for name in sorted(auto)}
