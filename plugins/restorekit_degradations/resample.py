"""Reduced, and enlarged again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Degradation

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class Resample(Degradation):
    """Reduced by a factor and enlarged to the old size, both bicubic: what small copies of a picture have lost.

    Attributes:
        factor: Least and greatest factor, at least 1; log-uniform between them.

    Raises:
        ValueError: If ``factor`` is below 1, not finite, or the wrong way round.
    """

    factor: tuple[float, float] = (1.0, 4.0)

    def __post_init__(self) -> None:
        low, high = self.factor
        if not 1 <= low <= high < np.inf:
            raise ValueError(f"factor must be [low, high] with 1 <= low <= high, not {list(self.factor)}")

    @property
    def remedies(self) -> tuple[str, ...]:
        """Super-resolution."""
        return ("super-resolution",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a factor.

        Returns:
            ``rows``, (height, height) and ``columns``, (width, width) float32: reduction and enlargement of each
            axis as one matrix; ``factor``, 0-d float32.
        """
        factor = float(np.exp(rng.uniform(*np.log(self.factor))))
        rows, columns = (_there_and_back(side, max(round(side / factor), 1)) for side in (height, width))
        return {"rows": rows, "columns": columns, "factor": np.array(factor, np.float32)}

    def apply(self, images: Tensor, rows: Tensor, columns: Tensor, factor: Tensor) -> Tensor:
        """Resample N,3,H,W, each image by its matrices; ``factor`` is only for whoever asks what was drawn."""
        return rows[:, None] @ images @ columns[:, None].mT


def _there_and_back(side: int, small: int) -> Array:
    return (_resize(small, side) @ _resize(side, small)).astype(np.float32)


def _resize(old: int, new: int) -> Array:
    """Return (new, old): bicubic interpolation (Keys 1981, a = -1/2), widened for reduction against aliasing."""
    stretch = max(old / new, 1.0)
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    distance = np.abs(centres[:, None] - np.arange(old)) / stretch
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    return weights / weights.sum(axis=1, keepdims=True)
