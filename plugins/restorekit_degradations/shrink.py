"""Smaller by a whole factor: what a network that enlarges learns to undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Degradation

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class Shrink(Degradation):
    """Reduced by a whole factor, bicubic with antialiasing: how super-resolution is trained and measured.

    The kernel is that of cubic convolution (Keys 1981, a = -1/2), widened by the factor, as MATLAB's ``imresize`` has
    it.

    Attributes:
        factor: The factor, at least 2.

    Raises:
        ValueError: If ``factor`` is below 2.
    """

    factor: int = 2

    def __post_init__(self) -> None:
        if self.factor < 2:
            raise ValueError(f"factor must be at least 2, not {self.factor}")

    @property
    def scale(self) -> int:
        """The factor."""
        return self.factor

    @property
    def remedies(self) -> tuple[str, ...]:
        """Super-resolution."""
        return ("super-resolution",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw nothing."""
        return {}

    def apply(self, images: Tensor) -> Tensor:
        """Reduce N,3,H,W, both sides multiples of the factor, to N,3,H / factor,W / factor."""
        import torch
        from torch.nn.functional import interpolate

        height, width = (side // self.factor for side in images.shape[-2:])
        with torch.autocast(images.device.type, enabled=False):
            return interpolate(
                images.float(), size=(height, width), mode="bicubic", align_corners=False, antialias=True
            )
