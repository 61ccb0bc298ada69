"""A photo without a face: whether it is blurred as a whole, and which of its parts stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Part, WholeView
from restorekit_faces.blur import blur_map, is_enlarged
from restorekit_faces.decide import BY_EDGES, ENLARGED

if TYPE_CHECKING:
    from restorekit import Array

FOCUSED = 0.3
"""Share of the parts with edges that tells: a photo of which so much is sharp is not blurred as a whole."""

_EDGE, _BESIDE = 0.01, 0.4
"""Strength of the edges in a part from which on its blur counts; also, in strengths of the clearest parts: what is much
weaker may be noise, or lie along the motion."""

_FLAT, _CLEAR = 0.004, 0.008
"""Strengths up to which a part stays as it is, and from which on it is restored in full."""

_KEPT = 0.5
"""The same for the blur, in limits: narrower blur than this share of the limit is none."""


class PhotoView(WholeView):
    """A photo in which no face was found, restored if it is blurred as a whole.

    Camera shake blurs all of a photo. Where a good part of it is sharp, the photographer focused there: the rest is
    background, and nothing changes. In a photo that is restored, parts without edges stay as they are too, as there is
    nothing to restore in them, and so do parts that are sharp.

    Args:
        pixels: H,W,3 uint8 or uint16.
        why: Why it is not cut into faces.
        skip_below: Blur in pixels below which it is left alone; 0 restores every photo, and all of it, None takes the
            default.
    """

    def __init__(self, pixels: Array, why: str, skip_below: float | None = None) -> None:
        super().__init__(pixels, why)
        self._limit = BY_EDGES if skip_below is None else skip_below
        self._map = blur_map(pixels) if self._limit > 0 else None

    @property
    def parts(self) -> Sequence[Part]:
        """The picture, left alone unless it is blurred as a whole; fact ``blur`` in pixels, if it has edges."""
        (part,) = super().parts
        if self._map is None:
            return (part,)
        widths, strengths = self._map
        told = widths[strengths > max(_EDGE, _BESIDE * np.quantile(strengths, 0.9))]
        if not told.size:
            return (replace(part, left="it has no edges to tell blur by"),)
        blur, left = float(np.quantile(told, FOCUSED)), ""
        if blur < self._limit:
            left = "it is not clearly blurred as a whole"
        elif is_enlarged(self._pixels):
            left = f"it was {ENLARGED}"
        return (replace(part, left=left, facts={"blur": blur}),)

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Say what became of it, and what restores it if it was left alone."""
        (said,) = super().notes(parts)
        return (f"{said}; faces=all restores it" if parts[0].left and self._map is not None else said,)

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Return what was restored, but for the parts that stay."""
        (pixels,) = restored
        assert pixels is not None
        if self._map is None:
            return pixels
        import cv2

        (before,) = self.windows
        widths, strengths = self._map
        kept = _rise(strengths, _FLAT, _CLEAR) * _rise(widths, _KEPT * self._limit, self._limit)
        height, width = before.shape[:2]
        share = cv2.resize(kept.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)[
            ..., None
        ]
        change = share * (pixels.astype(np.float32) - before)
        mixed: Array = np.rint(before + change).astype(before.dtype)
        return mixed


def _rise(values: Array, start: float, stop: float) -> Array:
    return np.clip((values - start) / (stop - start), 0, 1)
