"""What every command says in the same way: words, data, failures that others survive, and the exit status."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from restorekit.errors import RestorekitError, one_line


def say(words: object) -> None:
    """Write a line of words on stderr; without a terminal to say it to, nothing."""
    with suppress(OSError):
        print(one_line(words), file=sys.stderr)


def answer(words: object) -> None:
    """Write a line of what was asked for on stdout."""
    _write(one_line(words))


def answer_json(fields: Any, indent: int | None = None) -> None:
    """Write what was asked for on stdout, as JSON."""
    _write(json.dumps(fields, indent=indent).replace("\x7f", "\\u007f"))


def _write(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever read it has seen enough, as head has: the work goes on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class Tally:
    """Counts the pictures done and those that failed, saying each failure on stderr.

    Attributes:
        debug: Whether to show tracebacks.
        done: How many were done; the command counts them.
        failed: How many failed.
    """

    debug: bool = False
    done: int = 0
    failed: int = 0

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turn an error of the block into a line on stderr, so that the next picture has its turn."""
        try:
            yield
        except RestorekitError as error:
            if self.debug:
                traceback.print_exc()
            say(f"error: {error}")
            self.failed += 1

    @property
    def status(self) -> int:
        """0 if all was done, 1 if some failed, 2 if nothing was done."""
        if not self.done:
            return 2
        return 1 if self.failed else 0
