"""A picture in memory, with what its file said beside the colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Picture:
    """Pixels, upright, and what else is worth keeping of a file.

    Attributes:
        pixels: H,W,3 uint8 RGB; the three channels are equal where ``grey``.
        alpha: H,W uint8, 255 opaque; None for a picture without transparency.
        grey: Whether it is written with one channel.
        icc: The colour profile.
        exif: The EXIF block, starting with ``Exif`` and two zero bytes; its orientation is already applied.
        dpi: Horizontal and vertical dots per inch.
        notes: What reading changed or left behind, one sentence each, for the user.
        name: What errors call it: the path it was read from.
    """

    pixels: Array
    alpha: Array | None = None
    grey: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    name: str = "picture"
