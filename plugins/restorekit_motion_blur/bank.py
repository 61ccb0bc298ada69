"""A fixed bank of kernels: made once, kept on disk, shared by every process."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .kernel import Centring
from .sampler import draw_kernels

Array = np.ndarray[Any, Any]

VERSION = 1
"""Of the law of the kernels; to be raised when a change of code changes what a seed gives."""


@lru_cache(maxsize=8)
def load_bank(
    sizes: tuple[int, ...],
    count: int,
    seed: int,
    anxiety: tuple[float, float],
    length: tuple[float, float],
    centring: Centring,
) -> Array:
    """Return the bank, from disk if it was made before; in memory only where the disk cannot be written.

    Returns:
        (count, width, width) float32, read-only, with width the greatest size; kernel i has size
        ``sizes[i % len(sizes)]``.
    """
    key = json.dumps([VERSION, sizes, count, seed, anxiety, length, centring])
    path = _folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    shape = (count, max(sizes), max(sizes))
    try:
        return _read(path, shape)
    except (OSError, ValueError, EOFError):
        pass  # absent, cut short or foreign: make it

    bank = np.empty(shape, np.float32)
    for i, size in enumerate(sizes):
        part = bank[i :: len(sizes)]
        rng = np.random.default_rng([seed, i])
        part[:] = draw_kernels(
            rng, size, len(part), anxiety=anxiety, length=length, centring=centring, width=max(sizes)
        )
    try:
        _write(path, bank)
        return _read(path, shape)
    except OSError:
        bank.flags.writeable = False
        return bank


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "restorekit" / "kernels"


def _read(path: Path, shape: tuple[int, ...]) -> Array:
    bank = np.load(path, mmap_mode="r")
    if bank.shape != shape or bank.dtype != np.float32:
        raise ValueError(f"{path} holds no bank of shape {shape}")
    return bank


def _write(path: Path, bank: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            np.save(file, bank)
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
