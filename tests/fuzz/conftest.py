"""Operations on files that fail in turn: the N-th, for all N, as an error or as the death of the process."""

import builtins
import errno
import io
import os

import pytest


class Death(BaseException):
    """The process is gone: no clause of it runs any more that could do something to a file."""


class Operations:
    """Counts what is done to files below a folder, and lets the N-th of it fail.

    Args:
        folder: Where.
        failing: Which operation fails, from 1; 0 for none.
        deadly: Whether the process dies at it, so that all that comes after fails too; else it alone is an error.
    """

    NAMES = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "fsync", "open")

    def __init__(self, folder, failing=0, deadly=False):
        self.count, self._folder, self._failing, self._deadly = 0, str(folder), failing, deadly
        self._files = {}  # what was written and not synced, by inode

    def step(self):
        """Count an operation; the one that fails is never done."""
        self.count += 1
        if self._failing and (self.count == self._failing or (self._deadly and self.count > self._failing)):
            raise Death if self._deadly else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def install(self, monkeypatch):
        """Stand between the program and its files."""
        for name in self.NAMES:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name), name))
        opened = io.open

        def open_(file, mode="r", *more, **named):
            if not set(mode) & set("wax+") or not self._here(file):
                return opened(file, mode, *more, **named)
            self.step()
            return _File(opened(file, mode, *more, **named), self)

        monkeypatch.setattr(io, "open", open_)
        monkeypatch.setattr(builtins, "open", open_)

    def _here(self, path):
        return not isinstance(path, int) and os.path.abspath(os.fsdecode(path)).startswith(self._folder)

    def _counted(self, function, name):
        def counted(path, *more, **named):
            if name == "fsync":
                self.step()
                function(path)
                self._files.pop(os.fstat(path).st_ino, None)
                return None
            if "dir_fd" in named or self._here(path):
                reading = name == "open" and not (more and more[0] & (os.O_WRONLY | os.O_RDWR))
                if not reading:
                    self.step()
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
    """A file whose writes are operations."""

    def __init__(self, file, operations):
        self._file, self._operations = file, operations

    def write(self, data):
        self._operations.step()
        self._operations.written(self._file)
        return self._file.write(data)

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
