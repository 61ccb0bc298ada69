"""Small text files, which may come from anybody: no more of one is read than it may hold."""

from __future__ import annotations

from pathlib import Path

TEXT = 2**20
"""Bytes that a text file of a bundle may have; the longest of them has a few tens of thousands."""

LISTING = 2**28
"""Bytes that a text file may have that tells of each of many pictures."""

GRAPH_MOST = 2**24
"""Bytes that a bundle's graph may have: it holds no weights, and has a few tens of thousands."""


def read_text(file: Path, most: int = TEXT) -> str:
    """Read a text file in UTF-8 of at most ``most`` bytes.

    Args:
        file: The file.
        most: Bytes that it may have.

    Returns:
        Its text, without the mark that some editors begin one with.

    Raises:
        OSError: It cannot be read.
        ValueError: It is larger, no regular file, or not UTF-8.
    """
    if file.exists() and not file.is_file():  # a pipe would be waited for
        raise ValueError("not a file")
    with file.open("rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise ValueError(f"larger than {most // 1024} KiB")
    return data.decode("utf-8-sig")
