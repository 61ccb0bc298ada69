"""Augmentations: random changes of training images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restorekit.contracts.array import Array

Change = Callable[[dict[str, "Array"], int], dict[str, "Array"]]
"""What changes images by their names, all alike, as a seed has it."""


class Augmentation:
    """A random change of a training image on a worker, before it is degraded; the same for both images of a pair."""

    def build(self) -> Change:
        """Return what changes images; called once in each worker. By default the augmentation itself.

        Raises:
            RestorekitError: It cannot be made as its fields say.
        """
        return self

    def __call__(self, images: dict[str, Array], seed: int) -> dict[str, Array]:
        """Change images, all alike.

        Args:
            images: ``image``, and ``degraded`` for a pair: H,W,3 uint8 RGB.
            seed: Where all that is random comes from.

        Returns:
            The same keys; new arrays of the same shape and type.
        """
        raise NotImplementedError(f"{type(self).__name__} has neither __call__ nor build")
