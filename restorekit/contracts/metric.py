"""Metrics: numbers for restored images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts.array import Array

Measure = Callable[[Any, Any], float]
"""What measures a prediction against its target: H,W,3 uint8 RGB and H,W,3 uint8 RGB to a number."""


class Metric:
    """A number for one restored image against its truth."""

    definition: ClassVar[str]
    """Range, border, channels and window, in a sentence; printed with every result."""

    unit: ClassVar[str] = ""
    """What the number is in, such as dB; empty if it has no unit."""

    higher_is_better: ClassVar[bool] = True
    """Whether a larger number is a better picture."""

    def build(self) -> Measure:
        """Return what measures; called once, before the first picture.

        One that looks through a network loads it here. By default the metric itself, which then has ``__call__``.

        Raises:
            RestorekitError: What it needs cannot be had.
        """
        return self

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare H,W,3 uint8 RGB with H,W,3 uint8 RGB.

        Raises:
            ImageError: The two differ in shape, or are too small.
        """
        raise NotImplementedError(f"{type(self).__name__} has neither __call__ nor build")
