"""Restore the faces of a picture, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.restore.faces.blur import SHARP, blur_width
from restorekit.restore.faces.crop import take_crop
from restorekit.restore.faces.detect import Face
from restorekit.restore.faces.geometry import (
    Placement,
    Template,
    align,
    is_aligned_crop,
    settle,
    template_of,
    whole_shift,
)
from restorekit.restore.faces.paste import Patch, paste

if TYPE_CHECKING:
    from restorekit.contracts import Array

_GROUP = 16
"""Faces that are restored in one batch."""


@dataclass(frozen=True)
class Outcome:
    """What became of a face.

    Attributes:
        box: x, y, width and height in the picture, pixels.
        blur: The width of its own blur as `blur_width` finds it, in pixels of the network's geometry, or of the picture
            where the face is smaller than that.
        restored: Whether it was restored; one with less blur than `SHARP` is left alone.
    """

    box: tuple[float, float, float, float]
    blur: float
    restored: bool


@dataclass(frozen=True, eq=False)
class Restored:
    """A picture with its faces restored.

    Attributes:
        pixels: H,W,3 of the type that came in.
        outcomes: One for each face, in their order.
        mask: H,W bool: the pixels that may have changed.
    """

    pixels: Array
    outcomes: tuple[Outcome, ...]
    mask: Array


def restore_faces(
    pixels: Array, restore: Callable[[Array], Array], geometry: Mapping[str, Any], faces: Sequence[Face]
) -> Restored:
    """Turn each blurred face to a network's geometry, restore it, and add what that changed to the picture.

    A face that has the geometry's size and is level already is restored without a warp. A picture that is such a crop
    as a whole is restored as a whole, however sharp: who brings it asks for that. A sharp face stays as it is, even
    where the crop of a blurred one beside it reaches over it.

    Args:
        pixels: H,W,3 uint8 or uint16.
        restore: From N,S,S,3 float32 in [0, 1] to the same, not clamped.
        geometry: A bundle's: ``size``, ``left_eye`` and ``right_eye``.
        faces: What a detector found.

    Raises:
        RestorekitError: The geometry does not say where the eyes lie.
    """
    template, (height, width) = template_of(geometry), pixels.shape[:2]
    placements = [align(face.landmarks, template) for face in faces]
    if any(is_aligned_crop(placement, height, width) for placement in placements):
        whole = whole_shift(0, 0, template.size)
        blur = blur_width(take_crop(pixels, whole), template)
        outcomes = tuple(Outcome(face.box, blur, restored=True) for face in faces)
        wanted, spared = [whole], []
    else:
        placements = [settle(placement, height, width) for placement in placements]
        blurs = [own_blur(pixels, placement, template) for placement in placements]
        outcomes = tuple(
            Outcome(face.box, blur, blur >= SHARP) for face, blur in zip(faces, blurs, strict=True)
        )
        spared = [each.box for each in outcomes if not each.restored]
        wanted = [placement for placement, each in zip(placements, outcomes, strict=True) if each.restored]
    result, mask = paste(pixels, list(_patches(pixels, restore, wanted)), spared)
    return Restored(result, outcomes, mask)


def own_blur(pixels: Array, placement: Placement, template: Template) -> float:
    """Return how blurred a face is: in the crop, or in a smaller one if the crop would enlarge it."""
    factor = max(placement.scale, 1.0)
    size = max(round(template.size / factor), 16)
    smaller = replace(placement, matrix=placement.matrix / factor, size=size) if factor > 1 else placement
    fitting = Template(smaller.size, template.middle / factor, template.axis / factor)
    return blur_width(take_crop(pixels, smaller), fitting)


def _patches(
    pixels: Array, restore: Callable[[Array], Array], placements: Sequence[Placement]
) -> Iterator[Patch]:
    for start in range(0, len(placements), _GROUP):
        group = placements[start : start + _GROUP]
        crops = np.stack([take_crop(pixels, placement) for placement in group])
        # In float64 a difference and what it is added to give back the restored value to the bit.
        changes = restore(crops).astype(np.float64) - crops
        yield from (Patch(*each) for each in zip(group, changes, strict=True))
