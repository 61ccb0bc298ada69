"""Metrics: numbers for restored images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts.array import Array

Measure = Callable[..., float]
"""What measures a restored picture, H,W,3 uint8 RGB: beside it comes its target, and by keyword what else is needed."""


class Metric:
    """A number for one restored image."""

    definition: str
    """Range, border, channels and window, in a sentence; printed with every result."""

    unit: ClassVar[str] = ""
    """What the number is in, such as dB; empty if it has no unit."""

    higher_is_better: ClassVar[bool] = True
    """Whether a larger number is a better picture."""

    needs: ClassVar[tuple[str, ...]] = ("target",)
    """What it compares with: ``target``, the truth, comes second; all else as keywords.

    ``degraded`` is the picture that was restored; a metric that needs it, but no target, is not taken of that picture
    itself. Any other name is a label of the source (``person``), a draw of a degradation (``kernel``), or what the
    scores of a test set are grouped by (``size``).
    """

    def build(self) -> Measure:
        """Return what measures; called once, before the first picture.

        One that looks through a network loads it here. By default the metric itself, which then has ``__call__``.

        Raises:
            RestorekitError: What it needs cannot be fetched.
        """
        return self

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare H,W,3 uint8 RGB with H,W,3 uint8 RGB; not a number where that cannot be measured.

        Raises:
            ImageError: The two differ in shape, or are too small.
        """
        raise NotImplementedError(f"{type(self).__name__} has neither __call__ nor build")


def apply_metric(metric: Metric, measure: Measure, picture: Array, facts: Mapping[str, Any]) -> float:
    """Measure one picture.

    Args:
        metric: The metric, which says what it needs.
        measure: What its ``build`` returned.
        picture: H,W,3 uint8 RGB.
        facts: All that it needs, by name.
    """
    target = [facts["target"]] if "target" in metric.needs else []
    return measure(picture, *target, **{need: facts[need] for need in metric.needs if need != "target"})
