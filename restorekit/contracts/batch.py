"""What sources give and what losses read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts.array import Array

Outputs = dict[str, list["Tensor"]]
"""Per task, one tensor per scale, coarse first."""


@dataclass(frozen=True)
class Item:
    """One image of a source.

    Attributes:
        sharp: H,W,3 uint8 RGB.
        id: What names the image in reports, unique within its source.
        degraded: H,W,3 uint8 RGB where the source is of pairs; else None, and the recipe's degradations make it.
        labels: What the source knows of the image (person, landmarks).
    """

    sharp: Array
    id: str
    degraded: Array | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What a loss or a task may read. Inside the objective, images are already at the scale in hand.

    Attributes:
        sharp: N,3,H,W.
        degraded: N,3,H,W.
        params: Per degradation (by its ``type``, with ``.2``, ``.3`` after a repeated one), what it drew. One that
            draws among ``choices`` calls its draw ``choice``, and what those drew ``0.kernel``, ``1.sigma`` ...
        undergone: By the same names, N bool: which images that degradation was applied to.
        kernel: N,K,K float32, the blur kernel that each image underwent in all (``Degradation.kernel``): a delta where
            it was not blurred, zeros where no single kernel exists; None if no degradation has one.
        labels: What the source gave, one entry per image.
        ids: One name per image.
        task: The task in hand, inside the objective.
        scale: The scale in hand, 0 the coarsest, inside the objective.
        halvings: How often the images were halved to reach that scale.
    """

    sharp: Tensor
    degraded: Tensor
    params: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    undergone: Mapping[str, Tensor] = field(default_factory=dict)
    kernel: Tensor | None = None
    labels: Sequence[Mapping[str, Any]] = ()
    ids: Sequence[str] = ()
    task: str | None = None
    scale: int | None = None
    halvings: int = 0
