"""Operations on files that fail in turn: the N-th, for all N, as an error or as the death of the process."""

import builtins
import errno
import io
import os

import pytest


class Death(BaseException):
    """The process is gone: no clause of it runs any more that could do something to a file."""


FAULTS = {
    "full": ("write", lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
    "unreadable": ("read", lambda: OSError(errno.EIO, os.strerror(errno.EIO))),
    "memory": ("read write", MemoryError),
    "death": ("write", Death),
}
"""For each fault which operations it strikes, and what is raised; after a death all that comes after fails too."""


class Operations:
    """Counts what is done to files below a folder, and lets the N-th of it fail.

    Files that compiled code opens by itself, as safetensors does, are not seen.

    Args:
        folder: Where.
        failing: Which operation fails, from 1; 0 for none.
        fault: One of `FAULTS`.
    """

    WRITING = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "fsync")
    READING = ("scandir", "listdir")

    def __init__(self, folder, failing=0, fault="full"):
        self.count, self._folder, self._failing, self._deadly = 0, str(folder), failing, fault == "death"
        self._kinds, self._error = FAULTS[fault]
        self._files = {}  # what was written and not synced, by inode

    def fails(self, kind):
        """Count an operation; whether it fails."""
        self.count += kind in self._kinds
        at_it = kind in self._kinds and self.count == self._failing
        return self._failing and (at_it or (self._deadly and self.count > self._failing))

    def step(self, kind):
        """Count an operation; the one that fails is never done."""
        if self.fails(kind):
            raise self._error()

    def half(self, write, data):
        """Count a write; one that fails is done by half."""
        failed = self.fails("write")
        if not failed:
            return write(data)
        if not (self._deadly and self.count > self._failing):
            write(data[: len(data) // 2])
        raise self._error()

    def install(self, monkeypatch):
        """Stand between the program and its files."""
        for name in (*self.WRITING, *self.READING, "open"):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name), name))
        opened = io.open

        def open_(file, mode="r", *more, **named):
            if not self._here(file):
                return opened(file, mode, *more, **named)
            self.step("write" if set(mode) & set("wax+") else "read")
            return _File(opened(file, mode, *more, **named), self)

        monkeypatch.setattr(io, "open", open_)
        monkeypatch.setattr(builtins, "open", open_)

    def _here(self, path):
        return not isinstance(path, int) and os.path.abspath(os.fsdecode(path)).startswith(self._folder)

    def _counted(self, function, name):
        def counted(path=".", *more, **named):
            if name == "fsync":
                self.step("write")
                function(path)
                self._files.pop(os.fstat(path).st_ino, None)
                return None
            if "dir_fd" in named or self._here(path):
                opens_to_read = name == "open" and not (more and more[0] & (os.O_WRONLY | os.O_RDWR))
                self.step("read" if opens_to_read or name in self.READING else "write")
            return function(path, *more, **named)

        return counted

    def written(self, file):
        """Note that a file has bytes that no disk need have yet."""
        self._files[os.fstat(file.fileno()).st_ino] = True

    def lose_power(self):
        """Halve each file that was written and not synced."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.stat(path).st_ino in self._files:
                    os.truncate(path, os.path.getsize(path) // 2)


class _File:
    """A file whose reads and writes are operations."""

    def __init__(self, file, operations):
        self._file, self._operations = file, operations

    def read(self, *size):
        self._operations.step("read")
        return self._file.read(*size)

    def write(self, data):
        self._operations.written(self._file)
        return self._operations.half(self._file.write, data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()


@pytest.fixture
def operations():
    """The class of what counts."""
    return Operations


@pytest.fixture
def death():
    """What is raised when a process dies."""
    return Death
