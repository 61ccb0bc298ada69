"""Files and folders that appear whole or not at all, whenever the process dies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


def write_whole(path: Path, data: bytes | Iterable[Buffer]) -> None:
    """Write a file, replacing one of that name at one stroke; the folder is made if there is none.

    Args:
        path: The file.
        data: What it is to hold, or the parts of that, in order.

    Raises:
        OSError: It cannot be written; whatever was at ``path`` is then as it was.
    """
    partial = path.with_name(f".{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            for part in (data,) if isinstance(data, bytes) else data:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a draft folder to fill, which takes the place of ``path`` when the block ends well.

    What was at ``path`` is moved aside first, as a folder cannot be replaced at one stroke; half of one is never there.

    Raises:
        OSError: It cannot be written; whatever was at ``path`` is then as it was.
    """
    draft, old = (path.with_name(f"{path.name}.{ending}") for ending in ("part", "old"))
    shutil.rmtree(draft, ignore_errors=True)
    _put_back(old, path)  # what a kill left
    try:
        draft.mkdir(parents=True)
        yield draft
        for file in (*draft.iterdir(), draft):
            _sync(file)
        if path.exists():
            path.rename(old)
        draft.rename(path)
        _sync(path.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _put_back(old, path)


def _put_back(old: Path, path: Path) -> None:
    if old.exists() and not path.exists():
        old.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
