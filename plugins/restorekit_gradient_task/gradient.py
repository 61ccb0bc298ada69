"""Deblurring of image gradients, along one axis at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from restorekit import Task

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class GradientTask(Task):
    """Signed forward difference of each RGB channel, in [-1, 1]; never clamped.

    The structure path of Shen et al., EURASIP JWCN 2019:23. The operator is linear: a blurred
    gradient is the gradient of the blurred image, and a network may share its weights with the image task.

    Attributes:
        axis: The axis of the difference; ``random`` draws x or y for each image.
    """

    channels: ClassVar[int] = 3
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    axis: Literal["random", "x", "y"] = "random"

    def sample(self, rng: np.random.Generator) -> dict[str, Array]:
        """Return the axis of one image: ``{"axis": 0}`` for x, 1 for y, an int64 array without dimensions."""
        axis = rng.integers(2) if self.axis == "random" else "xy".index(self.axis)
        return {"axis": np.array(axis, dtype=np.int64)}

    def encode(self, images: Tensor, axis: Tensor) -> Tensor:
        """Difference each image along its own axis.

        Args:
            images: N,3,H,W in [0, 1].
            axis: N, int64; 0 for x, 1 for y.

        Returns:
            N,3,H,W in [-1, 1]; the last column (x) or row (y), which has no successor, is 0.
        """
        from torch import where
        from torch.nn.functional import pad

        along_x = pad(images[..., 1:] - images[..., :-1], (0, 1))
        along_y = pad(images[..., 1:, :] - images[..., :-1, :], (0, 0, 0, 1))
        return where(axis.view(-1, 1, 1, 1) == 0, along_x, along_y)
