"""How much memory is at hand, and how large a tile fits into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import isqrt
from pathlib import Path

from restorekit.contracts import Restorer
from restorekit.device import out_of_memory
from restorekit.errors import ImageError, RestorekitError

HOST_MOST = 2**30
"""Bytes that a tile may take on the host: larger ones gain little there."""

TILE_MOST = 4096
"""Side of the largest tile: the host holds a band of the picture of this height in float32."""

_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
"""What a container may take and takes, under either version of Linux's control groups."""


def host_memory() -> int:
    """Bytes that this process may still take on the host."""
    import psutil

    free = int(psutil.virtual_memory().available)
    for most, used in _LIMITS:
        try:
            free = min(free, int(Path(most).read_text()) - int(Path(used).read_text()))
        except (OSError, ValueError):
            continue  # no such limit, or the word "max"
    return max(free, 0)


def largest_tile(restorer: Restorer) -> int:
    """Side of a square tile that the restorer takes with half of the memory at hand, in pixels."""
    device = restorer.free_memory()
    budget = min(host_memory() // 2, HOST_MOST) if device is None else device // 2
    return min(isqrt(budget // restorer.footprint.pixel_memory), TILE_MOST)


@contextmanager
def in_memory(name: object) -> Iterator[None]:
    """Let a picture that memory does not suffice for fail alone, in a line.

    Args:
        name: What the picture is called.

    Raises:
        ImageError: Memory did not suffice.
    """
    try:
        yield
    except RestorekitError:
        raise
    except Exception as error:  # OpenCV has a kind of its own
        if not out_of_memory(error):
            raise
        raise ImageError(f"{name}: is too large for the memory", "shrink it first") from None
