"""Kernels that a user gives: arrays, ``.npy`` files and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import ImageError, RestorekitError, read_image

if TYPE_CHECKING:
    from restorekit import Array

_LARGEST = 2**26
"""Bytes of an ``.npy`` file."""


def read_kernel(path: Path) -> Array:
    """Read a kernel from a picture, whose channels are averaged, or an ``.npy`` file.

    Returns:
        h,w float64, not negative, of sum 1.

    Raises:
        RestorekitError: It cannot be read, or is no kernel.
    """
    if path.suffix.lower() == ".npy":
        try:
            if path.exists() and (not path.is_file() or path.stat().st_size > _LARGEST):
                raise ValueError(f"no file of at most {_LARGEST // 2**20} MiB")
            values = np.load(path, allow_pickle=False)
            if not isinstance(values, np.ndarray):
                raise ValueError("several arrays")
        except FileNotFoundError:
            raise RestorekitError(f"{path}: no such kernel file", "give a picture or an .npy file") from None
        except (OSError, ValueError, EOFError, MemoryError, OverflowError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RestorekitError(
                f"{path}: cannot be read as .npy ({reason})", "write it with numpy.save"
            ) from None
    else:
        values = read_image(path).astype(np.float64).mean(axis=-1)
    return checked_kernel(values, str(path))


def checked_kernel(values: Array, name: str = "kernel") -> Array:
    """Check that an array is a kernel, and divide it by its sum.

    Args:
        values: h,w.
        name: What an error calls it.

    Returns:
        h,w float64, of sum 1.

    Raises:
        RestorekitError: It is of another shape or type, empty, negative somewhere, or not finite.
    """
    if values.ndim != 2 or values.dtype.kind not in "uif" or not values.size:
        raise RestorekitError(
            f"{name}: {values.dtype} array of shape {values.shape} is not a kernel", "give h,w numbers"
        )
    kernel = values.astype(np.float64)
    with np.errstate(over="ignore"):
        total = kernel.sum()
    if not np.isfinite(kernel).all() or not np.isfinite(total):
        raise RestorekitError(f"{name}: the kernel has values that are not finite", "give numbers only")
    if kernel.min() < 0:
        raise RestorekitError(
            f"{name}: the kernel is negative somewhere, {kernel.min():g} at the least",
            "a kernel holds shares of light: give 0 or more",
        )
    if not total > 0:
        raise RestorekitError(f"{name}: the kernel is empty", "give at least one pixel that is not black")
    return kernel / total


def check_fits(kernel: Array, image: Array) -> None:
    """Check that a kernel is no larger than a picture, H,W or H,W,3.

    Raises:
        ImageError: It is.
    """
    height, width = image.shape[:2]
    rows, columns = kernel.shape
    if rows > height or columns > width:
        raise ImageError(
            f"a picture of {width} x {height} pixels is smaller than the kernel of {columns} x {rows}",
            "use a larger picture or a smaller kernel",
        )
