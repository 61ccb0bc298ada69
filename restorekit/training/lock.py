"""One run directory, one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from restorekit.training.refusal import Refusal

LOCK = "lock"
"""The file that a run holds; one that a kill left is held by nobody."""


@contextmanager
def locked(folder: Path, work: str = "trains in") -> Iterator[None]:
    """Hold ``folder``, which is made if there is none, and not left behind if nothing is written into it.

    The operating system lets go of it when the process ends, however it ends.

    Args:
        folder: The folder.
        work: What whoever holds it does, as an error says it.

    Raises:
        RestorekitError: Another run holds it, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is not a directory", "choose another directory", "run")
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise Refusal(
                f"another process {work} {folder}", "let it end, or choose another directory", "run"
            ) from None
        except OSError as error:
            raise Refusal(f"cannot write {folder}: {error}", "choose another directory", "run") from None
        try:
            yield
        finally:
            with suppress(OSError):  # Windows does not let go of what is open
                (folder / LOCK).unlink()
            lock.release()
    finally:
        with suppress(OSError):
            for path in made:  # as far as they are still empty
                path.rmdir()
