"""What an ONNX file says of itself: all that a restorer needs beside the graph."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from restorekit.bundle import MOST_SCALES, MOST_STEP, checked_geometry, shown_line
from restorekit.contracts import Footprint
from restorekit.reading import TEXT

FORMAT = 1

MOST_MARGIN, MOST_PIXEL_MEMORY, MOST_SCALE = 2**16, 2**24, 16
"""What it may say: how far it looks, in pixels, how many bytes it takes for each, and by how much it enlarges."""


@dataclass(frozen=True)
class OnnxMetadata:
    """What is known of the network in an ONNX file.

    Attributes:
        restorekit: The version that wrote it.
        name: What reports call it.
        license: Under what terms it may be used; may be empty.
        geometry: What its training pictures were cut to, as in its bundle's config; None if that is not known.
        size_multiple: Height and width that the graph takes are multiples of this.
        scales: How many scales it sees a picture at; the graph makes them.
        margin: How far from a pixel its result may look, in pixels; None if it sees the whole picture.
        pixel_memory: Bytes that it takes for each pixel of its input, about.
        half: Whether it computes in fp16; inputs and outputs are float32 all the same.
        task: What it restores.
        scale: By how much its output is larger than its input.
        tile: Side in pixels of the parts that a large picture is best restored in; None if that does not matter.
        least: Side in pixels, after widening, below which pictures stay as they are and the graph is not run.
        bundle: What tells the bundle whose weights the graph uses (`digest`); empty in a file that holds its own.
        format: Of this description.
    """

    restorekit: str
    name: str
    license: str
    geometry: Mapping[str, Any] | None
    size_multiple: int
    scales: int
    margin: int | None
    pixel_memory: int
    half: bool
    task: str = "image"
    scale: int = 1
    tile: int | None = None
    least: int = 1
    bundle: str = ""
    format: int = FORMAT

    @property
    def footprint(self) -> Footprint:
        """What tiles and framings go by."""
        return Footprint(
            margin=self.margin,
            size_multiple=self.size_multiple,
            pixel_memory=self.pixel_memory,
            tile=self.tile,
            scale=self.scale,
            geometry=self.geometry,
        )

    def to_json(self) -> str:
        """Write it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> OnnxMetadata:
        """Read metadata that anybody may have written, within the bounds of a bundle's config.

        Raises:
            ValueError: It is not a description, of another format, or a value is out of bounds.
        """
        if len(text) > TEXT:
            raise ValueError(f"more than {TEXT // 1024} KiB")
        try:
            table = json.loads(text)
            if table["format"] != FORMAT:
                raise ValueError(f"format {table['format']}, where this version reads {FORMAT}")
            found = cls(**table)
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from None
        for key in ("restorekit", "name", "license", "task", "bundle"):
            shown_line(vars(found), key)
        _check_number("size_multiple", found.size_multiple, 1, MOST_STEP)
        _check_number("scale", found.scale, 1, MOST_SCALE)
        _check_number("least", found.least, 1, MOST_STEP)
        _check_number("scales", found.scales, 1, MOST_SCALES)
        _check_number("pixel_memory", found.pixel_memory, 1, MOST_PIXEL_MEMORY)
        if found.tile is not None:
            _check_number("tile", found.tile, 1, MOST_MARGIN)
        if found.margin is not None:
            _check_number("margin", found.margin, 0, MOST_MARGIN)
        checked_geometry(found.geometry)
        if found.task != "image":
            raise ValueError(f"it restores '{found.task}', not images")
        return found


def _check_number(key: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{key} is not a whole number from {least} to {most}")
