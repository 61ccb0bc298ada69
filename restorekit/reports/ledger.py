"""Scores on disk, a line for each: what a killed report had measured is not measured again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """What one restorer made of one pair, in numbers.

    Attributes:
        image: Name of the picture.
        version: Number of its degraded version.
        values: What was measured, by the metric's name.
        unchanged: Whether the degraded picture was given back as it was.
        date: The day, as 2026-11-26.
        device: What computed.
    """

    image: str
    version: int
    values: Mapping[str, float]
    unchanged: bool
    date: str
    device: str


class Ledger:
    """The scores of a test set, in a file that only grows.

    Args:
        file: The file; it need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries: dict[str, dict[tuple[str, int], Entry]] = {}
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        for line in text.splitlines():
            try:
                key, fields = json.loads(line)
                entry = Entry(**fields)
                self._entries.setdefault(key, {})[entry.image, entry.version] = entry
            except (ValueError, TypeError, RecursionError):
                continue  # the end of a line that a kill cut off, or what a disk made of it
        self._whole = text.endswith("\n") or not text

    def of(self, key: str) -> Mapping[tuple[str, int], Entry]:
        """Return what is known under a key, by picture and version."""
        return self._entries.get(key, {})

    def add(self, key: str, entry: Entry) -> None:
        """Keep a score, and write it.

        Raises:
            OSError: The file cannot be written.
        """
        self._entries.setdefault(key, {})[entry.image, entry.version] = entry
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = ("" if self._whole else "\n") + json.dumps([key, asdict(entry)]) + "\n"
        self._whole = False  # as long as it may be half there
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        self._whole = True


def key_of(*parts: Any) -> str:
    """Return a short name of what scores depend on: other parts, another name."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
