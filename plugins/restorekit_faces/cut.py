"""Cut faces for training out of photos: in CelebA's alignment, the sharp ones alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit_faces.celeba import CELEBA, CELEBA_SIZE, EYES
from restorekit_faces.crop import take_crop
from restorekit_faces.decide import BY_EDGES
from restorekit_faces.detect import Face
from restorekit_faces.geometry import Placement, align, template_of
from restorekit_faces.view import blur_by_edges

if TYPE_CHECKING:
    from restorekit import Array

_HEIGHT, _WIDTH = CELEBA_SIZE
_BESIDE = (_HEIGHT - _WIDTH) // 2
"""Columns on each side that make a file of CelebA's alignment a square."""

_EYES = {name: (x + _BESIDE, y) for name, (x, y) in EYES.items()}

_ENLARGED = 1.2
"""By how much a face may have to be enlarged: more would teach a network that soft is sharp."""

_SLACK = 4
"""Pixels of the crop that may lie outside: the detector does not know better where a face is."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A face of a photo.

    Attributes:
        pixels: 218,178,3 uint8 RGB, the eyes near (70, 113) and (107, 113); None for a face that is left out.
        fault: Why it is left out.
    """

    pixels: Array | None = None
    fault: str = ""


def cut_faces(pixels: Array, detector: Callable[[Array], Sequence[Face]]) -> list[Cut]:
    """Find the faces of a photo, and turn those that one can train on to CelebA's alignment.

    Left out are faces that would have to be enlarged by more than a fifth, blurred ones, as a network would take them
    for sharp, and those whose `celeba` crop reaches out of the photo. What a kernel consumes around that crop may be
    the photo's mirror image.

    Args:
        pixels: H,W,3 uint8 RGB.
        detector: What finds faces.

    Returns:
        One for each face, in the detector's order.
    """
    template = template_of({"size": _HEIGHT, **_EYES})
    cuts = []
    for face in detector(pixels):
        placement = align(face.landmarks, template)
        if placement.scale > _ENLARGED:
            apart = template.axis[0] / placement.scale
            cuts.append(Cut(fault=f"too small, its eyes are {apart:.0f} pixels apart"))
        elif not _inside(placement, *pixels.shape[:2]):
            cuts.append(Cut(fault="too near the border"))
        elif (blur := blur_by_edges(pixels, placement, template)) >= BY_EDGES:
            cuts.append(Cut(fault=f"blurred, by {blur:.1f} pixels"))
        else:
            crop = take_crop(pixels, placement)[:, _BESIDE : _BESIDE + _WIDTH]
            cuts.append(Cut(np.rint(crop * 255).astype(np.uint8)))
    return cuts


def _inside(placement: Placement, height: int, width: int) -> bool:
    left, upper, wide, high = CELEBA
    xs = np.array([left, left + wide]) + _BESIDE - 0.5
    ys = np.array([upper, upper + high]) - 0.5
    corners = np.array([(x, y) for x in xs for y in ys]) - placement.matrix[:, 2]
    there = corners @ np.linalg.inv(placement.matrix[:, :2]).T + 0.5
    beyond = np.maximum(-there, there - (width, height)).max() * placement.scale
    return bool(beyond <= _SLACK)
