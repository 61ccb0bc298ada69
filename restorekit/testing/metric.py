"""The contract of metrics."""

from __future__ import annotations

import numpy as np

from restorekit.contracts import Metric
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, described


def check_metric(metric: Metric) -> None:
    """Check a metric: a stated definition, and a float from two H,W,3 uint8 pictures.

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
    rng = np.random.default_rng(0)
    picture, other = rng.integers(0, 256, (2, 32, 40, 3), dtype=np.uint8)
    value = metric(picture, other)
    demand(
        isinstance(value, float),
        f"{name} returned {described(value)}",
        "a metric returns a float; uint8 pictures are made float before they are subtracted",
        "def __call__(self, prediction, target):\n"
        "    return float(np.abs(prediction.astype(float) - target).mean())",
    )
