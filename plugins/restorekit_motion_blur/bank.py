"""A fixed bank of kernels: made once, kept on disk, shared by every process."""

from __future__ import annotations

import hashlib
import io
import json
import math
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import RestorekitError, cache_dir, write_whole

if TYPE_CHECKING:
    from restorekit import Array

    from .uniform import MotionBlur

VERSION = 5
"""Of the laws of the kernels; to be raised when a change of code changes what a seed gives."""

DIGEST = 32
"""Bytes of SHA-256 at the end of a bank's file, over all before them."""

LARGEST = 4 * 2**30
"""Bytes of a bank beyond which its keys are taken for a slip."""


@lru_cache(maxsize=16)
def load_bank(law: MotionBlur) -> Array:
    """Return the bank of a law, from disk if it was made before; in memory only where the disk cannot be written.

    Returns:
        (law.kernels, width, width) float32, read-only, with width the greatest size; kernel i has size
        ``law.sizes[i % len(law.sizes)]``.

    Raises:
        RestorekitError: It would be larger than LARGEST.
    """
    name = type(law).__name__
    key = json.dumps([VERSION, f"{type(law).__module__}.{name}", asdict(law)])
    path = cache_dir("kernels") / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    shape = (law.kernels, max(law.sizes), max(law.sizes))
    if (size := 4 * math.prod(shape)) > LARGEST:
        raise RestorekitError(
            f"a bank of {law.kernels:,} kernels of {shape[1]} x {shape[1]} takes {size / 2**30:,.0f} GiB",
            "set kernels to less, or to 0 for a fresh one each time",
        )
    try:
        return _read(path, shape)
    except FileNotFoundError:
        print(f"making {law.kernels:,} kernels of {name}, once, to keep in {path.parent}", file=sys.stderr)
    except OSError as error:
        print(f"{path} cannot be read ({error.strerror})", file=sys.stderr)
    except ValueError as error:
        print(f"{path} is damaged ({error}); it is made again", file=sys.stderr)

    bank = np.zeros(shape, np.float32)
    for i, size in enumerate(law.sizes):
        part, inner = bank[i :: len(law.sizes)], slice((shape[1] - size) // 2, (shape[1] + size) // 2)
        part[:, inner, inner] = law.draw(np.random.default_rng([law.bank_seed, i]), size, len(part))
    try:
        _write(path, bank)
        return np.load(path, mmap_mode="r")
    except OSError as error:
        print(
            f"{path.parent} keeps no kernels ({error.strerror}): each process makes its own", file=sys.stderr
        )
        bank.flags.writeable = False
        return bank


def _read(path: Path, shape: tuple[int, ...]) -> Array:
    content = np.memmap(path, np.uint8, "r")
    if hashlib.sha256(content[:-DIGEST]).digest() != content[-DIGEST:].tobytes():
        raise ValueError("its digest differs")
    bank = np.load(path, mmap_mode="r")
    if bank.shape != shape or bank.dtype != np.float32:
        raise ValueError(f"it holds no bank of shape {shape}")
    return bank


def _write(path: Path, bank: Array) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(bank))
    parts = (header.getbuffer(), bank.data)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    write_whole(path, [*parts, digest.digest()])
