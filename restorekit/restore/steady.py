"""A restorer that takes pictures of any size, keeps within the memory at hand and gives finite values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from restorekit.contracts import Restorer
from restorekit.device import out_of_memory
from restorekit.errors import ImageError
from restorekit.restore.enlarge import enlarged
from restorekit.restore.memory import largest_tile
from restorekit.restore.reach import effective_reach
from restorekit.restore.tiles import Layout, Progress, restore_tiles

if TYPE_CHECKING:
    from restorekit.contracts import Array

T = TypeVar("T")
Tile = int | Literal["auto", "off"]

RAMP = 32
"""Pixels over which neighbouring tiles fade into each other."""

TILE_LEAST = 128
"""Side below which tiles are not halved, and of what a tile adds to its overlap at the least; pixels."""


class Steady:
    """Restores whole pictures or crops by a restorer, and what went wrong once, by other means.

    Out of memory, tiles are halved down to a floor, and then the CPU computes; values that are not finite are computed
    again in fp32. What it learned of the memory holds for the pictures that follow.

    Args:
        restorer: What restores; one that is not tileable gets whole pictures.
        tile: Longest side of a tile in pixels, overlap included; auto goes by the memory at hand.
        strength: Share of the change that is made, in [0, 1].
        tell_tiles: Whether ``examine`` reports each tile of a cut picture, at the cost of restoring it once more.

    Attributes:
        restorer: What restores now.
        strength: As given.
        note: Why the last picture was not cut as asked for; empty if it was.
    """

    def __init__(
        self, restorer: Restorer, tile: Tile = "auto", strength: float = 1.0, tell_tiles: bool = False
    ) -> None:
        self.restorer = restorer
        self.strength = strength
        self.note = ""
        self._wanted, self._tell_tiles = tile, tell_tiles
        self._tile = tile if isinstance(tile, int) else None  # None: not known yet

    def pixels(self, pixels: Array, grey: bool = False, progress: Progress | None = None) -> Array:
        """Restore pictures of one size, to the same type, and the same size times the restorer's scale.

        Args:
            pixels: N,H,W,3 uint8 or uint16, or real numbers in [0, 1]; each side at least 16.
            grey: Whether the three channels shall stay equal.
            progress: Told of every tile.

        Returns:
            The restored pictures; integers are clamped and rounded, real numbers are not.

        Raises:
            ImageError: Memory does not suffice for this size, or values are not finite.
        """
        height, width = pixels.shape[1:3]
        return self.within_memory(
            lambda: restore_tiles(
                partial(self.arrays, grey=grey),
                pixels,
                self._layout(max(height, width)),
                progress,
                self.restorer.footprint.scale,
            ),
            height,
            width,
        )

    def arrays(self, images: Array, grey: bool = False) -> Array:
        """Restore N,H,W,3 float32 RGB in [0, 1] at once, to N,H scale,W scale,3, not clamped.

        Raises:
            ImageError: Values are not finite.
        """
        restored = self.restorer.restore_arrays(images)
        if not np.isfinite(restored).all():
            restored = self._again(images)
        if grey:
            restored = np.repeat(restored.mean(axis=-1, keepdims=True), 3, axis=-1)
        return blended(images, restored, self.strength)

    def examine(self, window: Array, restored: Array) -> Mapping[str, Any]:
        """Return what the restorer says of a window, H,W,3, and of what was made of it; under ``tiles`` if it was cut.

        Args:
            window: As the restorer got it: uint8 or uint16, or float32 in [0, 1].
            restored: The same type, and the size times the restorer's scale.
        """
        if type(self.restorer).examine is Restorer.examine:
            return {}  # which need not be made real numbers of
        height, width = window.shape[:2]
        layout, scale = self._layout(max(height, width)), self.restorer.footprint.scale
        rows, columns = layout.spans(height), layout.spans(width)
        if len(rows) * len(columns) > 1 and not self._tell_tiles:
            return {}
        top = np.iinfo(window.dtype).max if window.dtype.kind == "u" else 1
        tiles: list[dict[str, Any]] = []
        for upper, lower, _ in rows:
            for left, right, _ in columns:
                seen = window[upper:lower, left:right]
                made = restored[upper * scale : lower * scale, left * scale : right * scale]
                images, results = (each[None].astype(np.float32) / top for each in (seen, made))
                box = [left, upper, right - left, lower - upper]
                tiles.append({"box": box} | dict(self.restorer.examine(images, results)[0]))
        if len(tiles) > 1:
            return {"tiles": tiles}
        return {name: fact for name, fact in tiles[0].items() if name != "box"}

    def within_memory(self, call: Callable[[], T], height: int, width: int) -> T:
        """Call what restores ``height`` x ``width`` pixels until memory suffices for it.

        Raises:
            ImageError: It does not suffice by any means.
        """
        while True:
            try:
                return call()
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error):
                    raise
            if not self._shrink(max(height, width)):  # out of the handler, whose traceback holds the tensors
                raise ImageError(f"{width} x {height} pixels are too many for the memory", "shrink it first")

    def _layout(self, side: int) -> Layout:
        """Cut as memory asks; the reach, which takes a while to measure, matters only to what is cut."""
        self.note = ""
        if self._wanted == "off":
            return Layout(side)
        if self._tile is None:
            self._tile = min(largest_tile(self.restorer), self.restorer.footprint.tile or sys.maxsize)
        if side <= self._tile:
            return Layout(side)
        reach = _reach(self.restorer)
        if reach is None:
            self._note("not cut into tiles, as the model sees a picture as a whole")
            return Layout(side)
        multiple = self.restorer.footprint.size_multiple
        layout = Layout(self._tile, reach, RAMP, multiple)
        tile = max(self._tile, layout.overlap + max(TILE_LEAST, multiple))
        if tile > self._tile:
            self._note(f"tiles of {tile} pixels, as the model looks {reach} pixels far")
        return replace(layout, tile=tile)

    def _note(self, words: str) -> None:
        """Keep what is worth telling to who asked for tiles of a size."""
        if isinstance(self._wanted, int):
            self.note = words

    def _shrink(self, side: int) -> bool:
        """Go on with tiles of half the side, or else on the CPU; tell whether there was a way."""
        half = min(self._tile or side, side) // 2
        if self._wanted != "off" and self.restorer.footprint.tileable and half >= TILE_LEAST:
            self._tile = half
            return True
        careful = self.restorer.careful()
        if careful is None:
            return False
        self.restorer = careful
        self._tile = self._wanted if isinstance(self._wanted, int) else None
        return True

    def _again(self, images: Array) -> Array:
        careful = self.restorer.careful()
        if careful is not None:
            restored = careful.restore_arrays(images)
            if np.isfinite(restored).all():
                return restored
        raise ImageError(
            f"model {self.restorer.name} gives values that are not finite", "choose another model"
        )


def blended(before: Array, restored: Array, strength: float) -> Array:
    """Make a share of a change.

    Args:
        before: ...,H,W,3 uint8 or uint16, or real numbers.
        restored: The same type; each side a whole number of times as long.
        strength: The share, in [0, 1].

    Returns:
        What ``restored`` is, integers rounded.
    """
    if strength == 1:
        return restored
    before = enlarged(before, restored.shape[-2] // before.shape[-2])
    if before.dtype.kind == "f":
        return before + np.float32(strength) * (restored - before)
    mixed = np.empty_like(restored)
    for row, (old, new) in enumerate(
        zip(before, restored, strict=True)
    ):  # no copy of real numbers of all of it
        mixed[row] = np.rint(old + np.float32(strength) * (new.astype(np.float32) - old))
    return mixed


def _reach(restorer: Restorer) -> int | None:
    """How far the ends of a tile spoil it; None if there are to be no tiles."""
    footprint = restorer.footprint
    if not footprint.tileable:
        return None
    return effective_reach(restorer) if footprint.tile is None else footprint.margin
