"""Scores of restorers on test sets, those that are on disk already included."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.errors import RestorekitError
from restorekit.evaluation.pairs import MadePairs, Pair, Pairs
from restorekit.evaluation.protocol import Protocol
from restorekit.evaluation.report import Result, summarise
from restorekit.evaluation.score import INPUT, Row, Scorer, check_fit, restore_8_bit
from restorekit.evaluation.share import SharedPairs
from restorekit.images import read_rgb
from restorekit.recipe.write import table_of
from restorekit.reports.contestants import Contestant, able
from restorekit.reports.ledger import Entry, Ledger, key_of
from restorekit.restore.enlarge import enlarged

if TYPE_CHECKING:
    from restorekit.contracts import Array

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
    _opened: dict[str, Pairs] = field(default_factory=dict)

    def pairs(self, test: str) -> Pairs:
        """Return the share of a test set's pairs.

        Raises:
            RestorekitError: There are no pictures.
        """
        if test not in self._opened:
            self._opened[test] = SharedPairs(MadePairs(self.protocols[test]), self.share)
        return self._opened[test]

    def about(self, test: str) -> dict[str, Any]:
        """Return all that the pairs of a test set and their scores depend on."""
        return table_of(self.protocols[test].model_copy(update={"restorers": ()}))

    def kept(self, test: str) -> Kept:
        """Return where restored pictures of a test set are kept."""
        return Kept(self.out / "restored", self.about(test))

    def score(self, test: str, contestants: Mapping[str, Contestant]) -> Scored:
        """Score on a test set whoever can be, but for what was scored before.

        Raises:
            RestorekitError: A metric cannot be built, or a picture not be read.
        """
        pairs, protocol = self.pairs(test), self.protocols[test]
        fitting = able(contestants, pairs[0].facts())
        ledger = Ledger(self.out / "scores" / f"{test}.jsonl")
        about, kept = self.about(test), self.kept(test)
        keys = {INPUT: key_of(about, INPUT)}
        keys |= {name: key_of(about, each.identity) for name, each in fitting.items()}
        check_fit(pairs[0], {name: each.restorer for name, each in fitting.items()}, protocol.metrics)
        scorer = Scorer(protocol.metrics)
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


@dataclass(frozen=True)
class Kept:
    """Restored pictures on disk: a sheet shows some that are scored as well.

    Attributes:
        folder: Where they are.
        about: What the pairs are.
    """

    folder: Path
    about: Any

    def file(self, pair: Pair, contestant: Contestant) -> Path:
        """Return where the picture that someone made of a pair is, or would be."""
        key = key_of(self.about, pair.image, pair.version, contestant.identity)
        return self.folder / f"{key}.png"


def restored(
    name: str, contestants: Mapping[str, Contestant], pairs: Sequence[Pair], kept: Kept | None = None
) -> list[Array]:
    """Restore pairs, at once if their pictures are of one size; ``input`` gives the degraded ones, enlarged if need be.

    Args:
        name: Who restores.
        contestants: Everyone, by name.
        pairs: The pairs.
        kept: Where some may have been kept; these are read.

    Raises:
        RestorekitError: The restorer cannot, or gives values that are not finite.
    """
    if name == INPUT:
        return [enlarged(pair.degraded, pair.scale) for pair in pairs]
    restorer = contestants[name].restorer
    files = [kept.file(pair, contestants[name]) for pair in pairs] if kept else []
    found = [read_rgb(file) if file.exists() else None for file in files]
    if any(picture is not None for picture in found):
        rest = [pair for pair, picture in zip(pairs, found, strict=True) if picture is None]
        more = iter(restored(name, contestants, rest))
        return [next(more) if picture is None else picture for picture in found]
    alike = len({pair.degraded.shape for pair in pairs}) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of pictures given back, which are counted
        if alike:
            return [*restore_8_bit(restorer, pairs, name)]
        return [restore_8_bit(restorer, [pair], name)[0] for pair in pairs]
