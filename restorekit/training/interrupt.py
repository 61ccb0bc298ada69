"""Signals, noted while a step runs and acted on after it."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

HANGUP = getattr(signal, "SIGHUP", None)
"""What a closed terminal sends, often twice; Windows has no such signal."""


class Interrupt:
    """Within this context SIGINT, SIGTERM and SIGHUP interrupt; once they are held, the first only sets ``asked``.

    A signal that is ignored stays so, as ``nohup`` has it. Where the terminal is gone, nothing more is written to it.
    """

    def __init__(self) -> None:
        self.asked = False
        self._held = False
        self._before: dict[int, Any] = {}
        self._terminals: list[int] = []

    def hold(self) -> None:
        """From now on only note the first signal."""
        self._held = True

    def _note(self, number: int, frame: FrameType | None) -> None:
        first, self.asked = not self.asked, True
        for handle in self._terminals:
            if not os.isatty(handle):
                _silence(handle)
        if not self._held if first else number != HANGUP:
            raise KeyboardInterrupt

    def __enter__(self) -> Interrupt:
        self._terminals = [handle for handle in (1, 2) if os.isatty(handle)]
        if threading.current_thread() is threading.main_thread():  # no other may set handlers
            for number in (signal.SIGINT, signal.SIGTERM, HANGUP):
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _silence(handle: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, handle)
    os.close(nowhere)
