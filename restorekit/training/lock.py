"""One run directory, one run at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from restorekit.errors import RestorekitError

LOCK = "lock"
"""The file that a run holds; one that a kill left is held by nobody."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder``, which is made if there is none, and not left behind if nothing is written into it.

    The operating system lets go of it when the process ends, however it ends.

    Raises:
        RestorekitError: Another run holds it, or it cannot be written.
    """
    file, made = folder / LOCK, [path for path in (folder, *folder.parents) if not path.exists()]
    if folder.exists() and not folder.is_dir():
        raise RestorekitError(f"{folder} is not a directory", "choose another directory with -o")
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = file.open("a")
        except OSError as error:
            raise RestorekitError(
                f"cannot write {folder}: {error}", "choose another directory with -o"
            ) from None
        with handle:
            if not _take(handle):
                raise RestorekitError(
                    f"another process trains in {folder}", "let it end, or choose another directory with -o"
                )
            try:
                yield
            finally:
                with suppress(OSError):  # Windows does not let go of what is open
                    file.unlink()
    finally:
        with suppress(OSError):
            for path in made:  # as far as they are still empty
                path.rmdir()


def _take(handle: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The one before may have ended, and removed the file, between our opening and taking it.
            return os.path.samestat(os.stat(handle.name), os.fstat(handle.fileno()))
    except OSError:
        return False
    return True
