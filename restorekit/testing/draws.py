"""What degradations and tasks draw: arrays that stack, from the generator alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.testing.lesson import demand, described

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts import Array

_EXAMPLE = 'return {"level": np.array(rng.uniform(0, 1), np.float32)}'
_PADDED = (
    "kernel = np.zeros((self.largest, self.largest), np.float32)  # always this large\n"
    "kernel[:size, :size] = drawn\n"
    'return {"kernel": kernel}'
)


def check_draws(method: str, draw: Callable[[np.random.Generator], Any]) -> list[dict[str, Array]]:
    """Check six draws, the first two from one seed, and return them.

    Args:
        method: What to call it, such as ``Fog.sample``.
        draw: Draws once.

    Raises:
        AssertionError: They differ where they must not, or are no dictionaries of arrays.
    """
    draws = [draw(np.random.default_rng(seed)) for seed in (1, 1, 2, 3, 4, 5)]
    first, again = draws[:2]
    for drawn in draws:
        demand(
            isinstance(drawn, dict),
            f"{method} returned {described(drawn)}",
            "it returns a dictionary of arrays, {} if nothing is random",
            _EXAMPLE,
        )
        for key, value in drawn.items():
            demand(
                isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf",
                f"{method} drew {key} as {described(value)}",
                "what is drawn is NumPy arrays of numbers, which stack into a batch; no lists, no Python numbers",
                _EXAMPLE,
            )
        demand(
            drawn.keys() == first.keys(),
            f"{method} drew {sorted(first)} once and {sorted(drawn)} once",
            "it draws the same keys every time, so that the draws of a batch stack",
            "strength = rng.uniform(0, 1) if rng.random() < 0.5 else 0.0  # 0 where nothing happens\n"
            'return {"strength": np.array(strength, np.float32)}',
        )
        for key, value in first.items():
            demand(
                (value.shape, value.dtype) == (drawn[key].shape, drawn[key].dtype),
                f"{method} drew {key} as {described(value)} once and as {described(drawn[key])} once",
                "a draw keeps its shape and dtype, so that a batch stacks: pad to the largest",
                _PADDED,
            )
    for key, value in first.items():
        demand(
            np.array_equal(value, again[key], equal_nan=value.dtype.kind == "f"),
            f"{method} drew {key} differently from the same seed",
            "it draws from rng alone and remembers nothing, so that a run can be resumed and repeated; "
            "no np.random, no random",
            _EXAMPLE,
        )
    return draws


def stacked(draws: Sequence[dict[str, Array]]) -> dict[str, Tensor]:
    """Stack draws as the loader does: one tensor a key, its first axis the images."""
    import torch

    return {key: torch.from_numpy(np.stack([draw[key] for draw in draws])) for key in draws[0]}
