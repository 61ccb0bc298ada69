"""Faces as maps: one value for each cell of a coarse grid over the picture, and back.

A map has 12 channels: how much a cell is the middle of a face; the distance of its eyes, in octaves from `UNIT` pixels;
x and y of the five points from the middle of the cell, in eye distances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

STRIDE = 8
"""Side of a cell, pixels."""

UNIT = 12.0
CHANNELS = 12

_WIDTH = 0.3
"""Standard deviation of the bell about a face's middle, eye distances."""

NEAR = 0.4
"""Cells of a face whose bell is higher know where its points are."""


def draw_maps(faces: Array, known: Array, height: int, width: int) -> Array:
    """Draw the maps of faces in a picture.

    Args:
        faces: M,5,2: x and y of each face's points, pixels; integers are the middles of pixels.
        known: M bool: whether a face is one to be found; where another lies, nothing is asked.
        height: Height of the picture, pixels.
        width: Its width.

    Returns:
        12,height / 8,width / 8 float32. The first channel is -1 where nothing is asked.
    """
    rows, columns = height // STRIDE, width // STRIDE
    maps = np.zeros((CHANNELS, rows, columns), np.float32)
    x, y = (STRIDE * np.arange(count) + (STRIDE - 1) / 2 for count in (columns, rows))
    for points, asked in zip(faces, known, strict=True):
        (middle_x, middle_y), eye = points.mean(axis=0), np.hypot(*(points[1] - points[0]))
        squared = (x - middle_x) ** 2 + ((y - middle_y) ** 2)[:, None]
        if not asked:
            maps[0][(squared < max(eye, STRIDE) ** 2) & (maps[0] == 0)] = -1
            continue
        bell = np.exp(-squared / (2 * (_WIDTH * eye) ** 2))
        if -STRIDE / 2 <= middle_x < width and -STRIDE / 2 <= middle_y < height:
            bell.flat[squared.argmin()] = 1
        mine = bell > np.maximum(maps[0], 0.01)
        maps[0][mine] = bell[mine]
        maps[1][mine] = np.log2(eye / UNIT)
        offsets = (points[:, :, None, None] - np.stack(np.meshgrid(x, y))) / eye
        maps[2:, mine] = offsets.reshape(10, rows, columns)[:, mine]
    return maps


def read_maps(maps: Array, least: float) -> tuple[Array, Array]:
    """Read faces out of maps that a network gave, whose first channel is then a logit.

    Args:
        maps: 12,rows,columns.
        least: Score from which on a cell that is higher than its eight neighbours is a face.

    Returns:
        M,5,2: the points of each face, pixels, and M: the scores, up to 1.
    """
    import cv2

    scores = 1 / (1 + np.exp(-maps[0]))
    peaks = (scores >= least) & (scores >= cv2.dilate(scores, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(peaks)
    found = maps[:, rows, columns]
    eyes = UNIT * np.exp2(np.clip(found[1], -3, 4))
    cells = np.stack([columns, rows], axis=1) * STRIDE + (STRIDE - 1) / 2
    points = found[2:].T.reshape(-1, 5, 2) * eyes[:, None, None] + cells[:, None]
    return points, scores[rows, columns]
