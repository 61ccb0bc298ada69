"""Files and folders that appear whole or not at all, whenever the process dies."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_PART = re.compile(r"\.[0-9a-f]{32}\.part")
_FRESH = 10
"""Seconds that a part without bytes may be about to be locked."""

_swept: set[Path] = set()


def write_whole(path: Path, data: bytes | Iterable[Buffer]) -> None:
    """Write a file, replacing one of that name at one stroke; the folder is made if there is none.

    Parts that a killed process left in the folder are removed.

    Args:
        path: The file.
        data: What it is to hold, or the parts of that, in order.

    Raises:
        OSError: It cannot be written; whatever was at ``path`` is then as it was.
    """
    partial = path.with_name(f".{uuid4().hex}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent)
    try:
        with partial.open("xb") as file:
            with suppress(OSError):  # some disks know no locks
                _lock(file)  # until it is closed, or its process killed
            for part in (data,) if isinstance(data, bytes) else data:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            if fcntl is not None:  # Windows renames no open file
                partial.replace(path)
        if fcntl is None:
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the parts of files in a folder that nobody is writing any more."""
    with suppress(OSError), os.scandir(folder) as entries:
        for part in [Path(each) for each in entries if _PART.fullmatch(each.name)]:
            with suppress(OSError), part.open("rb") as file:
                state = os.fstat(file.fileno())
                if state.st_size or abs(time.time() - state.st_mtime) > _FRESH:
                    _lock(file)
                    part.unlink()


def _lock(file: BinaryIO) -> None:
    """Lock a file until it is closed; an OSError if somebody else has locked it, or its disk knows no locks."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


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


def remove_whole(path: Path) -> None:
    """Remove a folder so that never a part of it is there under its name.

    Raises:
        OSError: It cannot be removed.
    """
    gone = path.with_name(f"{path.name}.part")
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _put_back(old: Path, path: Path) -> None:
    if old.exists() and not path.exists():
        old.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:
        if path.is_dir():
            return  # Windows opens no folder
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
