"""A picture in memory, with what its file said beside the colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from restorekit.images.coding import Coding

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Picture:
    """Pixels, upright, and what else is worth keeping of a file.

    Attributes:
        pixels: H,W,3 RGB, uint8 or uint16 as the file has it; the three channels are equal where ``grey``.
        alpha: H,W of the same type, its highest value opaque; None for a picture without transparency.
        grey: Whether its three channels are equal everywhere, and have to stay so.
        full: Whether it is written with three channels even where it is grey.
        icc: The colour profile.
        exif: The EXIF block, starting with ``Exif`` and two zero bytes; its orientation is already applied.
        xmp: The XMP packet.
        iptc: The IPTC fields.
        dpi: Horizontal and vertical dots per inch.
        text: Comments, each with its keyword, as in a PNG; those of a JPEG are ``Comment``.
        coding: What the numbers mean as colours, where ``icc`` does not say it.
        encoding: How the file was compressed, as options of Pillow's writer by the name of its format.
        notes: What reading changed or left behind, one sentence each, for the user.
        kind: The format of the file, by Pillow's name.
        name: What errors call it: the path it was read from.
    """

    pixels: Array
    alpha: Array | None = None
    grey: bool = False
    full: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()
    coding: Coding | None = None
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    kind: str = ""
    name: str = "picture"

    @property
    def one_channel(self) -> bool:
        """Whether it is written with one channel of colour."""
        return self.grey and not self.full

    @property
    def samples(self) -> Array:
        """H,W,C as files hold it: grey, grey and alpha, RGB, or RGB and alpha."""
        colours = self.pixels[..., :1] if self.one_channel else self.pixels
        if self.alpha is None:
            return colours
        return np.concatenate([colours, self.alpha[..., None]], axis=2)


def to_8_bit(values: Array) -> Array:
    """Reduce uint16 to uint8, rounded; uint8 stays as it is."""
    if values.dtype == np.uint8:
        return values
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def all_grey(pixels: Array) -> bool:
    """Tell whether the three channels of H,W,3 are equal everywhere; few rows tell it of most pictures."""
    few = pixels[:: max(1, len(pixels) // 16)]
    return all(bool((each[..., :1] == each[..., 1:]).all()) for each in (few, pixels))
