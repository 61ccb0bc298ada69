"""Seconds that restorers take for a picture: warm, one picture at a time, loading left out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorekit.data.image_task import ImageTask
from restorekit.device import resolve_device
from restorekit.errors import RecipeError, RestorekitError
from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.score import INPUT
from restorekit.recipe.component import HERE, try_component
from restorekit.recipe.extends import read_extended
from restorekit.recipe.load import find_recipe
from restorekit.recipe.problems import Problem
from restorekit.reports.contestants import Contestant
from restorekit.reports.ledger import Entry, Ledger, key_of
from restorekit.reports.restoring import restored
from restorekit.restore.restorer import NetworkRestorer


@dataclass(frozen=True)
class Timed:
    """How long a restorer takes.

    Attributes:
        mean: Seconds a picture.
        longest: Seconds of the slowest one.
        cpu: Seconds of the CPU's cores a picture, which other work on the machine does not change.
        date: The day on which it was measured.
        device: What computed.
    """

    mean: float
    longest: float
    cpu: float
    date: str
    device: str


def untrained(recipe: str, device: str) -> Contestant:
    """Build the network of a recipe with fresh weights, to be timed.

    Args:
        recipe: Its name or file; what else is in it does not count, and data need not be there.
        device: Where it computes.

    Raises:
        RestorekitError: There is no such recipe, or its network cannot be made.
    """
    import torch

    table, _ = read_extended(find_recipe(recipe), recipe)
    options = table.get("network")
    if not isinstance(options, dict) or not isinstance(options.get("type"), str):
        raise RestorekitError(f"{recipe}: has no network", "name a recipe for training")
    keys = {key: value for key, value in options.items() if key != "type"}
    problems: list[Problem] = []
    network = try_component("network", options["type"], keys, HERE, ("network",), problems)
    if problems:
        raise RecipeError([f"{recipe}: {each.plain()}" for each in problems])
    torch.manual_seed(0)
    tasks = {"image": ImageTask()}
    place = resolve_device(device)
    restorer = NetworkRestorer(network.build(tasks), network, tasks, None, place, name=Path(recipe).stem)
    return Contestant(restorer, f"{network!r}, fresh weights")


def time_all(
    contestants: Mapping[str, Contestant],
    pairs: Sequence[Pair],
    file: Path,
    device: str,
    today: str,
) -> tuple[dict[str, Timed], dict[str, str]]:
    """Time restorers on pairs, but for those whose times are on disk already.

    Args:
        contestants: Who is timed, by name.
        pairs: The pictures.
        file: Where times are kept.
        device: What computes, in words, threads included.
        today: The day.

    Returns:
        The times by name, and why others have none.
    """
    ledger = Ledger(file)
    times: dict[str, Timed] = {}
    failed: dict[str, str] = {}
    size = " x ".join(map(str, pairs[0].degraded.shape[:2]))
    for name, contestant in contestants.items():
        key = key_of("time", contestant.identity, len(pairs), size, device)
        if not ledger.of(key):
            try:
                taken = _seconds(name, contestants, pairs)
            except RestorekitError as error:
                failed[name] = error.message
                continue
            wall, cpu = zip(*taken, strict=True)
            values = {"mean": float(np.mean(wall)), "longest": max(wall), "cpu": float(np.mean(cpu))}
            ledger.add(key, Entry(size, 0, values, False, today, device))
        (entry,) = ledger.of(key).values()
        times[name] = Timed(**entry.values, date=entry.date, device=entry.device)
    return times, failed


def _seconds(
    name: str, contestants: Mapping[str, Contestant], pairs: Sequence[Pair]
) -> list[tuple[float, float]]:
    assert name != INPUT
    restored(name, contestants, pairs[:1])  # what is loaded or compiled on first use is no part of it
    taken = []
    for pair in pairs:
        since, cpu = time.perf_counter(), time.process_time()
        restored(name, contestants, [pair])  # the pictures are on the host when it returns
        taken.append((time.perf_counter() - since, time.process_time() - cpu))
    return taken
