"""Crops: which part of an image is trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


class Crop(ABC):
    """Which square of an image is trained on. The core widens it by the border that the degradations consume."""

    @property
    def side(self) -> int | None:
        """The one side that the square may have, pixels; None for any."""
        return None

    @property
    def geometry(self) -> Mapping[str, Any]:
        """What is known of what lies in the crop: points by name, [x, y] each; it goes into a bundle's config."""
        return {}

    @abstractmethod
    def place(
        self, rng: np.random.Generator, height: int, width: int, size: int, margin: int
    ) -> tuple[int, int]:
        """Return the top row and the left column of the square with its border.

        Args:
            rng: Where all that is random is drawn from.
            height: Height of the image, pixels.
            width: Its width.
            size: Side of the square, pixels.
            margin: Its border on each side, pixels.

        Raises:
            DataError: The image is not one that this crop is for. Of one that is too small the core says so.
        """
