"""Picture files on disk: regular ones alone, their head before their body, and no more of it than it may have."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from restorekit.errors import ImageError

AGAIN = "copy it again from where it came from"
MOST = 2**29
"""Bytes that every picture file may have; one that is not compressed has more, by its pixels."""

_BYTES_A_PIXEL = 9
"""Of the largest that is read whole: 16 bits of four channels, deflated in vain."""


def open_picture(path: str | Path) -> BinaryIO:
    """Open a regular file that is not empty.

    Raises:
        ImageError: There is none, it is a folder, a pipe or a device, it is empty, or it cannot be read.
    """
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise ImageError(f"{path}: is a folder", "name a picture in it")
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe is waited for, a device may have no end
            raise ImageError(f"{path}: is not a regular file", "copy what it holds to a file first")
        with ExitStack() as stack:
            file = stack.enter_context(Path(path).open("rb"))
            if size_of(file) == 0:
                raise ImageError(f"{path}: is empty (0 bytes)", AGAIN)
            stack.pop_all()
            return file
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file", "check the path") from None
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None


def size_of(file: BinaryIO) -> int:
    """Tell how many bytes a file has; its position is then at its start."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def read_body(name: str | Path, file: BinaryIO, pixels: int = 0) -> bytes:
    """Read the whole of a file, unless that is more than a picture of so many pixels can need.

    Args:
        name: What to call it in an error.
        file: Of any position.
        pixels: What its head claims, where it may be without compression; already within limits.

    Raises:
        ImageError: It is larger than that.
    """
    size = size_of(file)
    if size > MOST + _BYTES_A_PIXEL * pixels:
        raise ImageError(f"{name}: is {size / 2**30:.1f} GiB, far more than its picture can need", AGAIN)
    return file.read()
