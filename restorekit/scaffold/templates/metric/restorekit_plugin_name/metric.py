"""The metric ``plugin_name``: for a start, the share of pixels that are off. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Metric):
    """The share of values that are off by more than a tolerance.

    Attributes:
        tolerance: How far a value may be off, in grey levels of 255; at least 0.

    Raises:
        ValueError: If ``tolerance`` is negative.
    """

    definition: ClassVar[str] = (
        "Share of the values of 8-bit RGB that are off by more than the tolerance, all channels, no border cut"
    )
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = False

    tolerance: int = 8

    def __post_init__(self) -> None:
        if self.tolerance < 0:
            raise ValueError(f"tolerance must be at least 0, not {self.tolerance}")

    def __call__(self, prediction: restorekit.Array, target: restorekit.Array) -> float:
        """Compare H,W,3 uint8 RGB with H,W,3 uint8 RGB; in percent."""
        off = np.abs(prediction.astype(int) - target) > self.tolerance
        return 100 * float(off.mean())
