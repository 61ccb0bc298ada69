"""Training: from a recipe to a run directory and its bundle."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "train":
        from restorekit.train.loop import train

        return train
    raise AttributeError(name)
