"""A share of the pairs of a test set: drawn once, so that it is the same for all that is scored on it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from restorekit.evaluation.pairs import Pair, Pairs
from restorekit.evaluation.protocol import Groups

SEED = 20190223
"""The day on which the draw was fixed; another would be another share."""


class SharedPairs(Pairs):
    """A share of pairs, spread evenly over what they are grouped by; a larger share holds the smaller ones.

    Args:
        pairs: All of them.
        share: In (0, 1].
        least: How many pairs are kept at least, if there are so many.
    """

    def __init__(self, pairs: Pairs, share: float, least: int = 1) -> None:
        count = min(max(least, round(share * len(pairs))), len(pairs))
        self._pairs, self._numbers = pairs, sorted(_in_turn(pairs)[:count])
        self.metrics, self.restorers = pairs.metrics, pairs.restorers
        drawn = {} if count == len(pairs) else {"share": share, "of": len(pairs)}
        self.about = pairs.about | drawn

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, n: int) -> Pair:
        return self._pairs[self._numbers[n]]

    def groups(self, n: int) -> Groups:
        """Return what a pair's scores are grouped by."""
        return self._pairs.groups(self._numbers[n])


def _in_turn(pairs: Pairs) -> list[int]:
    """Shuffle the pairs of each group, then take one of each group in turn, the groups in another order each time."""
    rng = np.random.default_rng(SEED)
    by_group: dict[tuple[tuple[str, str | int], ...], list[int]] = defaultdict(list)
    for n in range(len(pairs)):
        by_group[tuple(pairs.groups(n).items())].append(n)
    shuffled = [rng.permutation(numbers).tolist() for numbers in by_group.values()]
    longest = max(map(len, shuffled))
    orders = [rng.permutation(len(shuffled)) for _ in range(longest)]
    turns = ((shuffled[group], turn) for turn, order in enumerate(orders) for group in order)
    return [numbers[turn] for numbers, turn in turns if turn < len(numbers)]
