"""What every command says in the same way: failures that others survive, and the exit status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from restorekit.errors import RestorekitError


def one_line(words: object) -> str:
    """Write what breaks a line, or moves the cursor, as an escape: names of files may hold anything."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in str(words)
    )


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
            print(f"error: {one_line(error)}", file=sys.stderr)
            self.failed += 1

    @property
    def status(self) -> int:
        """0 if all was done, 1 if some failed, 2 if nothing was done."""
        if not self.done:
            return 2
        return 1 if self.failed else 0
