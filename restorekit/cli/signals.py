"""A process that is told to end, or whose terminal is closed, tidies up first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def tidy_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as an exit does, with its ``finally`` clauses and the status of a shell.

    What is ignored, as nohup ignores SIGHUP, stays ignored. An error that comes after a signal, or after
    Ctrl-C, is no error of its own: a library that is being imported may turn what ends it into one.
    """
    ends = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before: dict[int, Any] = {number: signal.SIG_DFL for number in ends}
    before[signal.SIGINT] = signal.default_int_handler
    before = {number: usual for number, usual in before.items() if signal.getsignal(number) is usual}
    if threading.current_thread() is not threading.main_thread():  # no other may set handlers
        before = {}
    came: list[BaseException] = []

    def end(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            came.append(KeyboardInterrupt())
        else:
            for each in before.keys() & set(ends):  # a terminal that is closed says so twice
                signal.signal(each, signal.SIG_IGN)
            came.append(SystemExit(128 + number))
        raise came[-1]

    for number in before:
        signal.signal(number, end)
    try:
        yield
    except Exception:
        if came:
            raise came[-1] from None
        raise
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is end:
                signal.signal(number, handler)
