"""The degradation ``plugin_name``: for a start, vignetting. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import restorekit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PluginName(restorekit.Degradation):
    """A lens that gives its corners less light: darker with the square of the distance from the centre.

    Attributes:
        loss: Least and greatest share of the light that a corner loses, in [0, 1]; uniform between them.

    Raises:
        ValueError: If ``loss`` leaves [0, 1] or is the wrong way round.
    """

    loss: tuple[float, float] = (0.2, 0.8)

    def __post_init__(self) -> None:
        low, high = self.loss
        if not 0 <= low <= high <= 1:
            raise ValueError(f"loss must be [low, high] with 0 <= low <= high <= 1, not {list(self.loss)}")

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, restorekit.Array]:
        """Draw all that is random for one image: here one number, ``loss``, float32."""
        return {"loss": np.array(rng.uniform(*self.loss), np.float32)}

    def apply(self, images: torch.Tensor, loss: torch.Tensor) -> torch.Tensor:
        """Darken N,3,H,W, each image by its own ``loss``, N; nothing is drawn here."""
        import torch

        height, width = images.shape[-2:]
        y = torch.linspace(-1, 1, height, device=images.device)[:, None]
        x = torch.linspace(-1, 1, width, device=images.device)
        distance = (x**2 + y**2) / 2  # 0 at the centre, 1 in the corners
        return images * (1 - loss.view(-1, 1, 1, 1) * distance)
