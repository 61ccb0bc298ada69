"""The augmentation ``plugin_name``: for a start, less light. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Augmentation):
    """Less light, by a random share.

    Attributes:
        light: Least and greatest share of the light that is left, in [0, 1]; uniform between them.

    Raises:
        ValueError: If ``light`` leaves [0, 1] or is the wrong way round.
    """

    light: tuple[float, float] = (0.5, 1.0)

    def __post_init__(self) -> None:
        low, high = self.light
        if not 0 <= low <= high <= 1:
            raise ValueError(f"light must be [low, high] with 0 <= low <= high <= 1, not {list(self.light)}")

    def __call__(self, images: dict[str, restorekit.Array], seed: int) -> dict[str, restorekit.Array]:
        """Dim all images alike; all that is random comes from ``seed``."""
        share = np.random.default_rng(seed).uniform(*self.light)
        return {name: np.rint(image * share).astype(np.uint8) for name, image in images.items()}
