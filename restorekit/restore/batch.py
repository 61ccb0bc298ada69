"""Many pictures: read and written by threads while the device computes, in the order they were given in."""

from __future__ import annotations

import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from restorekit import images
from restorekit.errors import ImageError, RestorekitError
from restorekit.images import Picture
from restorekit.restore.compare import before_after, write_kernels
from restorekit.restore.draft import Look, Restored
from restorekit.restore.jobs import Job
from restorekit.restore.memory import in_memory
from restorekit.restore.pictures import BATCH_PIXELS, restore_pictures
from restorekit.restore.steady import Steady
from restorekit.restore.tiles import Progress
from restorekit.whole import write_whole

_WORKERS = min(4, os.cpu_count() or 1)
_AHEAD_FILES, _AHEAD_BYTES = 32, 4 * 2**20  # of files, read before their turn; at least one is
_AHEAD_UNREAD = 2 * _WORKERS  # of files that are not decoded yet: a small one may unfold to much
_COPIED = 2**20  # bytes at a time
_WAITING_PIXELS = 2**24  # that wait to be restored, or to be written; at least one picture may

TileProgress = Callable[[Job, int, int], None]
"""Called with the picture in hand, its tiles that are done, and all of them."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        job: The job.
        picture: The degraded picture; None if it could not be read.
        restored: What was made of it; None if it could not be restored, or not be written.
        error: Why it was not written.
        notes: What the user should know, and of which file.
        seconds: What reading, restoring and writing it took together; a batch counts in equal parts.
    """

    job: Job
    picture: Picture | None = None
    restored: Restored | None = None
    error: RestorekitError | None = None
    notes: tuple[tuple[Path, str], ...] = ()
    seconds: float = 0.0


def restore_jobs(
    jobs: Iterable[Job],
    start: Callable[[], tuple[Steady, Look]],
    max_pixels: int = images.MAX_PIXELS,
    progress: TileProgress | None = None,
    batch_pixels: int = BATCH_PIXELS,
) -> Iterator[Outcome]:
    """Restore pictures; a bad one does not keep the others.

    Args:
        jobs: What to restore, each checked already.
        start: Gives what restores, and what looks at pictures for it; called when the first picture is there.
        max_pixels: The largest picture that is read.
        progress: Told of every tile.
        batch_pixels: How many pixels the pictures of one batch may have together; 0 restores each picture alone.

    Yields:
        What became of each job, in their order.

    Raises:
        RestorekitError: ``start`` does.
    """
    started: tuple[Steady, Look] | None = None
    writing: deque[tuple[Future[Outcome], int]] = deque()
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="pictures")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # once for all threads: each would put back what another had set
            for group in _groups(_ahead(pool, jobs, max_pixels), batch_pixels):
                if group[0].picture is not None:
                    started = started or start()
                    group = _restore(*started, group, progress)
                writing.extend((pool.submit(_write, each), _pixels(each)) for each in group)
                del group
                while writing and (writing[0][0].done() or _full(writing)):
                    yield writing.popleft()[0].result()
            while writing:
                yield writing.popleft()[0].result()
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: ThreadPoolExecutor, jobs: Iterable[Job], max_pixels: int) -> Iterator[Outcome]:
    """Read in order, and some pictures ahead: many small ones or a large one."""
    reading: deque[tuple[Future[Outcome], int]] = deque()
    for job in jobs:
        while _enough(reading):
            yield reading.popleft()[0].result()
        reading.append((pool.submit(_read, job, max_pixels), _size(job.input)))
    while reading:
        yield reading.popleft()[0].result()


def _enough(reading: Sequence[tuple[Future[Outcome], int]]) -> bool:
    read = [future.result() for future, _ in reading if future.done()]
    return len(reading) > 1 and (
        len(reading) > _AHEAD_FILES
        or len(reading) - len(read) > _AHEAD_UNREAD
        or sum(size for _, size in reading) > _AHEAD_BYTES
        or sum(map(_pixels, read)) > _WAITING_PIXELS
    )


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0  # reading it says why


def _groups(read: Iterable[Outcome], most: int) -> Iterator[list[Outcome]]:
    """Put pictures together that follow each other and are alike, as many as make a batch."""
    group: list[Outcome] = []
    for each in read:
        if group and (_kind(each) != _kind(group[0]) or _pixels(each) * (len(group) + 1) > most):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _kind(read: Outcome) -> object:
    if read.picture is None:
        return None
    return read.picture.pixels.shape, read.picture.pixels.dtype, read.picture.grey


def _pixels(outcome: Outcome) -> int:
    return 0 if outcome.picture is None else outcome.picture.pixels.size // 3


def _full(writing: Sequence[tuple[Future[Outcome], int]]) -> bool:
    return len(writing) > 1 and sum(size for _, size in writing) > _WAITING_PIXELS


def _read(job: Job, max_pixels: int) -> Outcome:
    since = time.perf_counter()
    try:
        with in_memory(job.input):
            picture = images.read(job.input, max_pixels)
    except RestorekitError as error:
        return Outcome(job, error=error)
    return Outcome(job, picture, seconds=time.perf_counter() - since)


def _restore(
    steady: Steady, look: Look, group: list[Outcome], progress: TileProgress | None
) -> list[Outcome]:
    """Restore pictures of a kind together, or each alone if one of them may be at fault."""
    if len(group) > 1:
        try:
            return _restore_group(steady, look, group)
        except ImageError:
            pass
    return [_restore_one(steady, look, read, progress) for read in group]


def _restore_group(
    steady: Steady, look: Look, group: list[Outcome], tell: Progress | None = None
) -> list[Outcome]:
    since = time.perf_counter()
    restored = restore_pictures(steady, [each.picture for each in group if each.picture], look, tell)
    each_took = (time.perf_counter() - since) / len(group)
    return [
        replace(read, restored=made, seconds=read.seconds + each_took)
        for read, made in zip(group, restored, strict=True)
    ]


def _restore_one(steady: Steady, look: Look, read: Outcome, progress: TileProgress | None) -> Outcome:
    tell = partial(progress, read.job) if progress else None
    try:
        with in_memory(read.job.input):
            return _restore_group(steady, look, [read], tell)[0]
    except RestorekitError as error:
        return replace(read, error=error)


def _write(made: Outcome) -> Outcome:
    """Write what was made; a picture that was left alone keeps its very bytes, unless another format is asked for."""
    if made.picture is None or made.restored is None:
        return made
    job, since = made.job, time.perf_counter()
    before, after = made.picture, made.restored.picture
    copied = not made.restored.changed and images.same_format(job.input, job.output) and not job.style.recodes
    said: tuple[str, ...] = ()
    try:
        with in_memory(job.input):
            if job.kernels is not None and not job.keeps(job.kernels):
                write_kernels(job.kernels, made.restored.kernels)
            if not made.restored.changed and job.only_changed:
                return replace(made, notes=tuple((job.input, note) for note in made.restored.notes))
            if job.keeps(job.output):
                pass
            elif copied:
                _copy(job)
            else:
                said = images.write(job.output, job.style.applied(after))
            if job.compare is not None and not job.keeps(job.compare):
                images.write(
                    job.compare,
                    before_after(before, after, made.restored.zoom, next(iter(made.restored.kernels), None)),
                )
    except RestorekitError as error:
        return replace(made, restored=None, error=error)
    changed = () if copied else before.notes
    notes = [(job.input, note) for note in (*changed, *made.restored.notes)]
    notes += [(job.output, note) for note in said]
    return replace(made, notes=tuple(notes), seconds=made.seconds + time.perf_counter() - since)


def _copy(job: Job) -> None:
    try:
        with job.input.open("rb") as file:
            write_whole(job.output, iter(lambda: file.read(_COPIED), b""))
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ImageError(f"{job.output}: {reason}", "check its folder's permissions and space") from None
