"""A fixed bank of kernels: made once, kept on disk, shared by every process."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .uniform import MotionBlur

Array = np.ndarray[Any, Any]

VERSION = 3
"""Of the laws of the kernels; to be raised when a change of code changes what a seed gives."""

DIGEST = 32
"""Bytes of SHA-256 at the end of a bank's file, over all before them."""


@lru_cache(maxsize=16)
def load_bank(law: MotionBlur) -> Array:
    """Return the bank of a law, from disk if it was made before; in memory only where the disk cannot be written.

    Returns:
        (law.kernels, width, width) float32, read-only, with width the greatest size; kernel i has size
        ``law.sizes[i % len(law.sizes)]``.
    """
    name = type(law).__name__
    key = json.dumps([VERSION, f"{type(law).__module__}.{name}", asdict(law)])
    path = _folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    shape = (law.kernels, max(law.sizes), max(law.sizes))
    try:
        return _read(path, shape)
    except FileNotFoundError:
        print(f"making {law.kernels:,} kernels of {name}, once, to keep in {path.parent}", file=sys.stderr)
    except (OSError, ValueError, EOFError) as error:
        print(f"{path} is damaged ({error}); it is made anew", file=sys.stderr)

    bank = np.zeros(shape, np.float32)

    def fill(i: int) -> None:
        size, part = law.sizes[i], bank[i :: len(law.sizes)]
        inner = slice((shape[1] - size) // 2, (shape[1] + size) // 2)
        part[:, inner, inner] = law.draw(np.random.default_rng([law.bank_seed, i]), size, len(part))

    with ThreadPoolExecutor() as pool:  # every size draws for itself, so their order does not matter
        list(pool.map(fill, range(len(law.sizes))))
    try:
        _write(path, bank)
        return _read(path, shape)
    except OSError:
        bank.flags.writeable = False
        return bank


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "restorekit" / "kernels"


def _read(path: Path, shape: tuple[int, ...]) -> Array:
    content = memoryview(path.read_bytes())
    if hashlib.sha256(content[:-DIGEST]).digest() != content[-DIGEST:]:
        raise ValueError("its digest is another")
    bank = np.load(path, mmap_mode="r")
    if bank.shape != shape or bank.dtype != np.float32:
        raise ValueError(f"it holds no bank of shape {shape}")
    return bank


def _write(path: Path, bank: Array) -> None:
    stream = io.BytesIO()
    np.save(stream, bank)
    content = stream.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            file.write(content + hashlib.sha256(content).digest())
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
