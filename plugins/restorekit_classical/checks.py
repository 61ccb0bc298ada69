"""Ranges of fields."""

from __future__ import annotations

from math import inf


def within(component: object, low: float, high: float, *names: str) -> None:
    """Check that fields lie in [``low``, ``high``].

    Raises:
        ValueError: One does not.
    """
    for name in names:
        value = getattr(component, name)
        if not low <= value <= high:
            raise ValueError(f"{name} must be {low:g} to {high:g}, not {value}")


def above_0(component: object, *names: str) -> None:
    """Check that fields are finite and above 0.

    Raises:
        ValueError: One is not.
    """
    for name in names:
        value = getattr(component, name)
        if not 0 < value < inf:
            raise ValueError(f"{name} must be above 0, not {value}")
