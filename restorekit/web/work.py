"""What the page computes: one thing at a time, the urgent ones first."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

Job = Callable[[], None]


class Work:
    """A thread that does one job after the other, until the process ends."""

    def __init__(self) -> None:
        self._jobs: queue.PriorityQueue[tuple[bool, int, Job, Future[None]]] = queue.PriorityQueue()
        self._order = itertools.count()
        threading.Thread(target=self._run, name="work", daemon=True).start()

    def add(self, job: Job, urgent: bool = False) -> Future[None]:
        """Have a job done, after those that were added before.

        Args:
            job: What is done.
            urgent: Whether it goes before those that are not.

        Returns:
            What ends with the job, and with its error.
        """
        done: Future[None] = Future()
        self._jobs.put((not urgent, next(self._order), job, done))
        return done

    def _run(self) -> None:
        while True:
            *_, job, done = self._jobs.get()
            try:
                job()
            except BaseException as error:
                done.set_exception(error)
            else:
                done.set_result(None)
            del job, done  # while it waits it holds nobody's photo


class Pace:
    """How long a model takes, which is learned from what it did: large photos count for more, and the last for most."""

    def __init__(self) -> None:
        self._pixels = self._seconds = 0.0

    def learn(self, pixels: int, seconds: float) -> None:
        """Take in how long so many pixels took."""
        self._pixels, self._seconds = self._pixels / 2 + pixels, self._seconds / 2 + seconds

    def seconds(self, pixels: int) -> float | None:
        """Return how long so many pixels will take; None if nothing is known yet."""
        return self._seconds / self._pixels * pixels if self._pixels else None


class Course:
    """How far a computation is.

    Args:
        pixels: How many are computed.
        pace: What is known of the speed.
        now: The time in seconds.
    """

    def __init__(self, pixels: int, pace: Pace, now: float) -> None:
        self._pixels, self._pace, self._begun, self._told = pixels, pace, now, now
        self._share, self._next = 0.0, 1.0

    def tell(self, done: int, tiles: int, now: float) -> None:
        """Take in that so many of all tiles are done."""
        self._told = now
        self._share, self._next = done / tiles, min((done + 1) / tiles, 1)

    def at(self, now: float) -> tuple[float, float | None]:
        """Return the share that is done, in [0, 1], and the seconds that are left; None if nobody knows."""
        total = self._pace.seconds(self._pixels)
        if self._share:
            total = (self._told - self._begun) / self._share
        if not total:
            return self._share, None
        total = max(total, (now - self._begun) / self._next)  # this tile takes longer
        share = min(self._share + (now - self._told) / total, self._next)
        return share, total * (1 - share)
