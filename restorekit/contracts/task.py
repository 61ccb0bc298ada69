"""Tasks: what a network predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit.contracts.batch import Batch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from restorekit.contracts.array import Array


class Task:
    """Something that a network predicts, and the encoding in which it sees its input."""

    channels: ClassVar[int] = 3
    """Channels of the encoding."""

    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    """Least and greatest value of the encoding."""

    spatial: ClassVar[bool] = True
    """Whether it predicts a picture of its input's size.

    If not (a blur kernel, landmarks), it overrides ``target``, and no sheet shows it.
    """

    def sample(self, rng: np.random.Generator) -> dict[str, Array]:
        """Draw what one image needs; the draw holds for input, target and every scale."""
        return {}

    def encode(self, images: Tensor, **draw: Tensor) -> Tensor:
        """Encode images already reduced to their scale: N,3,H,W to N,channels,H,W; by default as they are."""
        return images

    def target(self, batch: Batch, **draw: Tensor) -> Tensor:
        """Return what the network should predict at ``batch.scale``; by default the encoded sharp image."""
        return self.encode(batch.sharp, **draw)

    def facts(self, prediction: Array, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Return facts about restored images from a prediction; it is not asked for unless this is overridden.

        It needs no torch: whatever engine runs the network, its predictions come as arrays.

        Args:
            prediction: What the network predicts for this task at the finest scale, N,C,H,W float32.
            images: N,H,W,3 float32 RGB in [0, 1], what was to be restored.
            restored: N,H,W,3 float32, what the network made of them.

        Returns:
            For each image facts by name, as JSON has them. ``left``, if there, says in a few words why the network left
            the image as it is.
        """
        return [{} for _ in images]
