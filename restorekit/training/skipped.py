"""The images of a run that could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class SkipList:
    """Lists each unreadable image once, also after a resumption.

    Args:
        file: skipped.txt; written when there is the first to list.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        text = file.read_text(encoding="utf-8", errors="backslashreplace") if file.exists() else ""
        self._listed = set(text.splitlines())
        self._said = len(self._listed)

    def add(self, messages: Iterable[str]) -> None:
        """List what is wrong with images, one line each."""
        for message in map(_line, messages):
            if message not in self._listed:
                self._listed.add(message)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(f"{message}\n")

    def news(self) -> str:
        """Return how many there are if they have become more since it was last asked, else nothing."""
        if len(self._listed) == self._said:
            return ""
        self._said = len(self._listed)
        return f"{self._said} unreadable images skipped so far, listed in {self._file}"


def _line(message: str) -> str:
    """Write out what a line of UTF-8 cannot hold: file names have line ends, and bytes that are no text."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
