"""Progress on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from restorekit.errors import one_line

T = TypeVar("T")


def track(items: Iterable[T], description: str, total: int) -> Iterable[T]:
    """Pass items on, showing how many of ``total`` have come."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import track

    console = Console(stderr=True)
    return track(
        items, escape(one_line(description)), total=total, console=console, disable=not sys.stderr.isatty()
    )


@contextmanager
def picture_bars(total: int) -> Iterator[tuple[Callable[[], None], Callable[[str, int, int], None]]]:
    """Show the pictures done, if there are several, and the tiles of the one in hand, if it is cut.

    Gives two functions: one reports a picture that is done, one a picture's name, its tiles done, and all of them.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else lines for a file would land on the terminal
    )
    pictures = bars.add_task("pictures", total=total, visible=total > 1)
    tiles = bars.add_task("", visible=False)

    def tell(name: str, done: int, count: int) -> None:
        if done == 1:
            bars.reset(tiles, total=count, completed=1, description=escape(one_line(name)), visible=count > 1)
        else:
            bars.update(tiles, completed=done, visible=done < count)

    with bars:
        yield lambda: bars.advance(pictures), tell


@contextmanager
def frame_bar(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show the frames of a clip that are done, how many come a second, and the time that is left.

    Gives a function that is told of the frames done, and about how many there are if that is known.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    speed = TextColumn("{task.fields[speed]}")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        speed,
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    frames = bars.add_task(escape(one_line(name)), total=None, speed="")

    def tell(done: int, count: int | None) -> None:
        rate = bars.tasks[0].speed
        bars.update(frames, completed=done, total=count, speed=f"{rate:.1f} frames/s" if rate else "")

    with bars:
        yield tell
