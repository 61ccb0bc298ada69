"""The contract of metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from restorekit.contracts import Metric
from restorekit.contracts.metric import apply_metric
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

_CALL = (
    "def __call__(self, prediction, target):\n"
    "    return float(np.abs(prediction.astype(float) - target).mean())"
)


def check_metric(metric: Metric, **facts: Any) -> None:
    """Check a metric: a stated definition, unit and direction, and a float from two H,W,3 uint8 pictures.

    Args:
        metric: The component.
        facts: What it needs by name beside ``target`` and ``degraded``.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(metric, Metric)
    name = type(metric).__name__
    definition = getattr(metric, "definition", None)
    demand(
        isinstance(definition, str) and definition != "",
        f"the definition of {name} is {definition!r}",
        "a metric says in a sentence what it is, as numbers of other definitions do not compare: "
        "range, border, channels, window",
        'definition: ClassVar[str] = "Mean absolute difference in grey levels, all channels, no border left out."',
    )
    demand(
        isinstance(metric.unit, str) and isinstance(metric.higher_is_better, bool),
        f"the unit of {name} is {metric.unit!r}, and higher_is_better {metric.higher_is_better!r}",
        "a metric says what its number is in, and whether a larger one is better",
        'unit: ClassVar[str] = "dB"\nhigher_is_better: ClassVar[bool] = True',
    )
    rng = np.random.default_rng(0)
    picture, other = rng.integers(0, 256, (2, 32, 40, 3), dtype=np.uint8)
    with demanding(f"{name} failed on two pictures", "build returns what compares two of one size", _CALL):
        value = apply_metric(metric, metric.build(), picture, {"target": other, "degraded": other, **facts})
    demand(
        isinstance(value, float),
        f"{name} returned {described(value)}",
        "a metric returns a float; uint8 pictures are made float before they are subtracted",
        _CALL,
    )
