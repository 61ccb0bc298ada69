"""Faces whose contours tell where a blurred face has its edges."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import RestorekitError, read_image

from .pyramid import reduced

if TYPE_CHECKING:
    from restorekit import Array

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")

LONGEST = 256
"""Larger exemplars are reduced to this height, in pixels."""


@lru_cache(maxsize=4)
def read_faces(folder: Path, limit: int) -> tuple[Array, ...]:
    """Read the pictures of a folder that show a face, as grey H,W in [0, 1].

    Args:
        folder: Aligned faces, or one picture.
        limit: Read so many pictures, the first by name.

    Raises:
        RestorekitError: There is no such folder, or no face in it.
    """
    if folder.is_file():
        return (_grey(folder),)
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
    except OSError as error:
        raise RestorekitError(
            f"{folder}: cannot be read ({error.strerror})", "name a folder of aligned faces"
        ) from None
    pictures = [_grey(file) for file in files[:limit]]
    faces = tuple(each for each in pictures if shows_face(each))
    if not faces:
        raise RestorekitError(
            f"{folder}: holds no faces, of {len(pictures)} pictures", "name a folder of aligned faces"
        )
    return faces


def _grey(file: Path) -> Array:
    grey = read_image(file).astype(np.float64) @ [0.299, 0.587, 0.114] / 255
    return reduced(grey, min(LONGEST / len(grey), 1))


def shows_face(grey: Array) -> bool:
    """Whether H,W in [0, 1] shows an upright face of a quarter of its height or more, by local binary patterns."""
    least = max(round(0.25 * min(grey.shape)), 24)
    if min(grey.shape) < 32:
        return False
    found = _cascade().detect_multi_scale(
        img=np.round(255 * grey).astype(np.uint8),
        scale_factor=1.15,
        step_ratio=1.3,
        min_size=(least, least),
        max_size=(min(grey.shape),) * 2,
    )
    return bool(found)


@lru_cache(maxsize=1)
def _cascade() -> object:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def drawn_face(side: int = 128) -> Array:
    """Draw a mean face, H,W in [0, 1]: eyes, brows, mouth and the lower outline where CelebA's alignment has them.

    In the 128 x 128 crop the eyes lie at (45, 45) and (82, 45), the mouth about (64, 84), x first.
    """
    y, x = (np.mgrid[:side, :side] + 0.5) * (128 / side)

    def ellipse(cx: float, cy: float, rx: float, ry: float) -> Array:
        away = np.hypot((x - cx) / rx, (y - cy) / ry)
        return 1 / (1 + np.exp((away - 1) * 12))

    face = 0.35 + 0.4 * ellipse(64, 58, 44, 58)
    for cx in (45.0, 82.0):
        face -= 0.35 * ellipse(cx, 45, 8, 4)
        face -= 0.2 * ellipse(cx, 35, 12, 3)
    face -= 0.3 * ellipse(64, 84, 16, 4)
    face -= 0.12 * ellipse(64, 68, 9, 3)
    return np.clip(face, 0, 1)
