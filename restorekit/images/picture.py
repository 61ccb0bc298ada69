"""A picture in memory, with what its file said beside the colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Picture:
    """Pixels, upright, and what else is worth keeping of a file.

    Attributes:
        pixels: H,W,3 RGB, uint8 or uint16 as the file has it; the three channels are equal where ``grey``.
        alpha: H,W of the same type, its highest value opaque; None for a picture without transparency.
        grey: Whether it is written with one channel.
        icc: The colour profile.
        exif: The EXIF block, starting with ``Exif`` and two zero bytes; its orientation is already applied.
        xmp: The XMP packet.
        dpi: Horizontal and vertical dots per inch.
        text: Comments by keyword, as in a PNG; that of a JPEG is ``Comment``.
        encoding: How the file was compressed, as options of Pillow's writer by the name of its format.
        notes: What reading changed or left behind, one sentence each, for the user.
        name: What errors call it: the path it was read from.
    """

    pixels: Array
    alpha: Array | None = None
    grey: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    name: str = "picture"

    @property
    def samples(self) -> Array:
        """H,W,C as files hold it: grey, grey and alpha, RGB, or RGB and alpha."""
        colours = self.pixels[..., :1] if self.grey else self.pixels
        if self.alpha is None:
            return colours
        return np.concatenate([colours, self.alpha[..., None]], axis=2)


def to_8_bit(values: Array) -> Array:
    """Reduce uint16 to uint8, rounded; uint8 stays as it is."""
    if values.dtype == np.uint8:
        return values
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
