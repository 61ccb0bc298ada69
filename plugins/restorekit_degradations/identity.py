"""No degradation at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Degradation

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class Identity(Degradation):
    """The image as it is: the choice of a mixture that teaches a network to leave sharp pictures alone."""

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw nothing."""
        return {}

    def apply(self, images: Tensor, **params: Tensor) -> Tensor:
        """Return the images."""
        return images
