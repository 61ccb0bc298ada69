"""Scores of restorers on test sets, those that are on disk already included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from restorekit.errors import RestorekitError
from restorekit.evaluation.pairs import MadePairs, Pairs
from restorekit.evaluation.protocol import Protocol
from restorekit.evaluation.report import Result, summarise
from restorekit.evaluation.score import INPUT, Row, Scorer, check_fit
from restorekit.evaluation.share import SharedPairs
from restorekit.recipe.write import table_of
from restorekit.reports.contestants import Contestant, able
from restorekit.reports.ledger import Entry, Ledger, key_of
from restorekit.reports.restoring import Kept, restored

Track = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Passes things on, of which there are so many, and may show how far it is."""


@dataclass(frozen=True)
class Scored:
    """What restorers scored on a test set.

    Attributes:
        result: As `summarise` gives it, with what the pairs are about.
        unchanged: How many pictures each gave back as they were, where it did.
        failed: Why a restorer has no scores.
        dates: The days on which the scores were measured.
        devices: What computed them.
    """

    result: Result
    unchanged: Mapping[str, int]
    failed: Mapping[str, str]
    dates: list[str]
    devices: list[str]


@dataclass
class Tests:
    """The test sets of a report, each opened once.

    Attributes:
        protocols: The test sets by name.
        out: Where scores are kept.
        share: Which share of their pairs is scored.
        device: What computes, in words.
        batch: Pictures restored at once.
        track: Shows progress.
    """

    protocols: Mapping[str, Protocol]
    out: Path
    share: float
    device: str
    batch: int
    track: Track
    _opened: dict[str, MadePairs] = field(default_factory=dict)
    _scored: dict[tuple[str, ...], Scored] = field(default_factory=dict)

    def pairs(self, test: str, least: int = 1) -> Pairs:
        """Return the share of a test set's pairs, and at least so many.

        Raises:
            RestorekitError: There are no pictures.
        """
        if test not in self._opened:
            self._opened[test] = MadePairs(self.protocols[test])
        return SharedPairs(self._opened[test], self.share, least)

    def about(self, test: str) -> dict[str, Any]:
        """Return all that the pairs of a test set and their scores depend on."""
        return table_of(self.protocols[test].model_copy(update={"restorers": ()}))

    def kept(self, test: str) -> Kept:
        """Return where restored pictures of a test set are kept."""
        made = {key: value for key, value in self.about(test).items() if key != "metric"}
        return Kept(self.out / "restored", made)

    def score(self, test: str, contestants: Mapping[str, Contestant]) -> Scored:
        """Score on a test set whoever can be, but for what was scored before.

        Raises:
            RestorekitError: A metric cannot be built, or a picture not be read.
        """
        asked = (test, *(each.identity for each in contestants.values()))
        if asked not in self._scored:
            self._scored[asked] = self._score(test, contestants)
        return self._scored[asked]

    def _score(self, test: str, contestants: Mapping[str, Contestant]) -> Scored:
        pairs, protocol = self.pairs(test), self.protocols[test]
        fitting = able(contestants, pairs[0].facts())
        ledger = Ledger(self.out / "scores" / f"{test}.jsonl")
        about, kept = self.about(test), self.kept(test)
        keys = {INPUT: key_of(about, INPUT)}
        keys |= {name: key_of(about, each.identity) for name, each in fitting.items()}
        check_fit(pairs[0], {name: each.restorer for name, each in fitting.items()}, protocol.metrics)
        scorer: Scorer | None = None
        failed: dict[str, str] = {}
        seen: list[tuple[str, int]] = []
        for numbers in self.track(self._batches(len(pairs)), test, -(-len(pairs) // self.batch)):
            some = {n: pairs[n] for n in numbers}
            seen += [(pair.image, pair.version) for pair in some.values()]
            for name, key in keys.items():
                known = ledger.of(key)
                due = {n: pair for n, pair in some.items() if (pair.image, pair.version) not in known}
                if not due or name in failed:
                    continue
                try:
                    pictures = restored(name, fitting, [*due.values()], kept)
                except RestorekitError as error:
                    failed[name] = error.message
                    continue
                scorer = scorer or Scorer(
                    protocol.metrics
                )  # galleries take minutes: only if they are looked at
                for (n, pair), picture in zip(due.items(), pictures, strict=True):
                    row = scorer.row(n, pair, name, picture)
                    same = name != INPUT and np.array_equal(picture, pair.degraded)
                    today = date.today().isoformat()
                    ledger.add(key, Entry(row.image, row.version, row.values, same, today, self.device))
        done = {name: ledger.of(key) for name, key in keys.items() if name not in failed}
        return _gathered(pairs, seen, protocol, done, failed)

    def _batches(self, count: int) -> list[range]:
        return [range(first, min(first + self.batch, count)) for first in range(0, count, self.batch)]


def _gathered(
    pairs: Pairs,
    seen: Sequence[tuple[str, int]],
    protocol: Protocol,
    known: Mapping[str, Mapping[tuple[str, int], Entry]],
    failed: Mapping[str, str],
) -> Scored:
    """Put together what is known of pairs, which are called by picture and version."""
    rows: list[Row] = []
    for n, (image, version) in enumerate(seen):
        for name, entries in known.items():
            rows.append(Row(image, version, pairs.groups(n), name, entries[image, version].values))
    used = {name: [entries[each] for each in seen] for name, entries in known.items()}
    everything = [entry for entries in used.values() for entry in entries]
    unchanged = {name: sum(entry.unchanged for entry in entries) for name, entries in used.items()}
    return Scored(
        dict(pairs.about) | summarise(rows, protocol.metrics),
        {name: count for name, count in unchanged.items() if count},
        failed,
        sorted({entry.date for entry in everything}),
        sorted({entry.device for entry in everything}),
    )
