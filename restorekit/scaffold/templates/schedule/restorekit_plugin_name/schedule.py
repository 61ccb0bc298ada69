"""The schedule ``plugin_name``: for a start, a straight line. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass

import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Schedule):
    """Falls in a straight line.

    Attributes:
        to: What share of the rate is left at the end of a stage, in [0, 1].

    Raises:
        ValueError: If ``to`` leaves [0, 1].
    """

    to: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.to <= 1:
            raise ValueError(f"to must be in [0, 1], not {self.to}")

    def factor(self, step: int, steps: int) -> float:
        """Return what the rate is multiplied by after ``step`` of ``steps`` steps."""
        return 1 + (self.to - 1) * step / steps
