"""Put differences back into a picture, under masks that fade towards their edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.crop import smoothed
from restorekit_faces.geometry import Placement

if TYPE_CHECKING:
    from restorekit import Array

_FADE = 1 / 8
"""Part of the crop's side over which its mask rises from 0 to 1."""

_HALO = 1.3

_BAND = 256
"""Rows of the picture that are worked on at a time, which bounds the memory that a large face takes."""


@dataclass(frozen=True, eq=False)
class Patch:
    """What changes in a crop.

    Attributes:
        placement: Where the crop lies in the picture.
        difference: S,S,3: what is to be added, the range of colours being 1.
    """

    placement: Placement
    difference: Array


Box = tuple[float, float, float, float]
"""x, y, width and height, pixels."""


def paste(pixels: Array, patches: Sequence[Patch], spared: Sequence[Box] = ()) -> tuple[Array, Array]:
    """Add patches to a picture.

    The difference is enlarged or reduced to the picture, never the crop itself, so that whatever the picture has
    beyond the crop's resolution stays. Where masks overlap and sum to more than one they are divided by their sum, so
    that no difference counts twice.

    Args:
        pixels: H,W,3 uint8 or uint16.
        patches: What to add.
        spared: Faces that are to stay as they are, although another's crop may reach over them.

    Returns:
        The new picture, and H,W bool: where a mask is above zero. Elsewhere no pixel differs.
    """
    height, width = pixels.shape[:2]
    result, touched = pixels.copy(), np.zeros((height, width), bool)
    ready = [_Ready(patch, height, width) for patch in patches]
    first = min((each.upper for each in ready), default=0)
    last = max((each.lower for each in ready), default=0)
    for upper in range(first, last, _BAND):
        lower = min(upper + _BAND, last)
        here = [
            each for each in ready if each.upper < lower and each.lower > upper and each.left < each.right
        ]
        if here:
            left, right = min(each.left for each in here), max(each.right for each in here)
            band = slice(upper, lower), slice(left, right)
            result[band], touched[band] = _add(pixels[band], here, spared, left, upper)
    return result, touched


def _add(
    pixels: Array, patches: Sequence[_Ready], spared: Sequence[Box], left: int, upper: int
) -> tuple[Array, Array]:
    """Add to a band of the picture, whose first pixel is at left, upper."""
    top = np.iinfo(pixels.dtype).max
    weight, total = np.zeros(pixels.shape[:2]), np.zeros(pixels.shape)
    for patch in patches:
        rows = slice(max(patch.upper, upper), min(patch.lower, upper + len(pixels)))
        mask, difference = patch.part(rows)
        at = (
            slice(rows.start - upper, rows.stop - upper),
            slice(patch.left - left, patch.right - left),
        )
        weight[at] += mask
        total[at] += mask[..., None] * difference
    total /= np.maximum(weight, 1)[..., None]
    free = np.ones(weight.shape)
    for box in spared:
        free *= around(box, left, upper, weight.shape)
    total *= free[..., None]
    touched = (weight > 0) & (free > 0)
    total += pixels.astype(np.float32) / np.float32(top)  # in float64: where a mask is 1 nothing is lost
    values = np.rint(np.clip(total.astype(np.float32), 0, 1) * np.float32(top)).astype(pixels.dtype)
    return np.where(touched[..., None], values, pixels), touched


def around(box: Box, left: int, upper: int, shape: tuple[int, ...]) -> Array:
    """Return 0 in a face's box, whose corners are rounded, rising to 1 at `_HALO` times its size.

    Args:
        box: Of the face.
        left: x of the first pixel that is looked at.
        upper: y of that pixel.
        shape: Rows and columns that are looked at.
    """
    x, y, width, height = box
    across = (left + np.arange(shape[1]) + 0.5 - x - width / 2) / (width / 2)
    down = (upper + np.arange(shape[0])[:, None] + 0.5 - y - height / 2) / (height / 2)
    outside: Array = np.clip(((across**4 + down**4) ** 0.25 - 1) / (_HALO - 1), 0, 1)
    return 0.5 - 0.5 * np.cos(np.pi * outside)


class _Ready:
    """A patch with its bounds in the picture, of which parts are asked for."""

    def __init__(self, patch: Patch, height: int, width: int) -> None:
        self.placement = patch.placement
        left, upper, right, lower = patch.placement.bounds()
        self.left, self.upper = max(left, 0), max(upper, 0)
        self.right, self.lower = min(right, width), min(lower, height)
        # A crop along the border of the picture does not fade there: there is nothing to fade into.
        self.open = (
            left > 0 or patch.placement.warped,
            upper > 0 or patch.placement.warped,
            right < width or patch.placement.warped,
            lower < height or patch.placement.warped,
        )
        self.difference = smoothed(patch.difference, 1 / patch.placement.scale)

    def part(self, rows: slice) -> tuple[Array, Array]:
        """Return the mask and the difference on some rows of the picture, from left to right."""
        size = self.placement.size
        x, y = np.arange(self.left, self.right), np.arange(rows.start, rows.stop)[:, None]
        (a, b, c), (d, e, f) = self.placement.matrix
        u, v = a * x + b * y + c + 0.5, d * x + e * y + f + 0.5
        mask = np.ones(u.shape)
        for distance, fades in zip((u, v, size - u, size - v), self.open, strict=True):
            if fades:
                mask *= 0.5 - 0.5 * np.cos(np.pi * np.clip(distance / (_FADE * size), 0, 1))
        if not self.placement.warped:
            left, upper = self.placement.corner
            inside = slice(rows.start - upper, rows.stop - upper), slice(self.left - left, self.right - left)
            return mask, self.difference[inside]
        import cv2

        matrix = self.placement.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ (self.left, rows.start)
        difference = cv2.warpAffine(
            self.difference.astype(np.float32),
            matrix,
            (len(x), len(y)),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return mask, difference
