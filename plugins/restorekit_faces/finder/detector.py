"""The detector that comes along: a network of `face_finder`, as ONNX, run by OpenCV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit_faces.detect import Detector, Face, fitted, fitted_turn
from restorekit_faces.finder.maps import CHANNELS, STRIDE, read_maps

if TYPE_CHECKING:
    from restorekit import Array

INCLUDED = Path(__file__).parents[1] / "weights" / "face-detector" / "detector.onnx"
"""The file that comes along; its card lies beside it."""

LEAST = 0.4
"""Score from which on something is looked at again."""

_MORE = 0.15
"""What is added to mean scores, so that 0.8 is a face that is sure, as with YuNet."""

_BOX = np.array((-1.05, -0.95, 2.1, 2.7))
"""A face's box from the middle of its eyes, in eye distances, as YuNet draws it: x, y, width, height."""


class Finder(Detector):
    """Finds faces by maps of them.

    Args:
        model: The bytes of an ONNX file that maps 1,3,H,W RGB in [0, 1] to maps of faces.

    Raises:
        ValueError: They are something else.
    """

    levels: ClassVar[tuple[int, ...]] = (40, 80, 160, 320, 640, 1280, 2560)
    looks: ClassVar[tuple[int, ...]] = (15, 17, 19, 22, 25, 28)
    on_side: ClassVar[float] = 0.6
    sure: ClassVar[float] = 0.65

    def __init__(self, model: bytes) -> None:
        import cv2

        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        try:
            self._net: Any = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
            shape = self._maps(np.zeros((64, 80, 3), np.uint8)).shape
        except cv2.error as error:
            raise ValueError("not an ONNX model") from error
        finally:
            cv2.utils.logging.setLogLevel(level)
        if shape != (CHANNELS, 64 // STRIDE, 80 // STRIDE):
            raise ValueError("not a model that finds faces")

    def _find(self, pixels: Array) -> list[Array]:
        found = zip(*read_maps(self._maps(pixels), LEAST), strict=True)
        return [np.concatenate([_box(points), points.ravel(), [score]]) for points, score in found]

    def _look_again(self, pixels: Array, face: Face) -> Face:
        again = super()._look_again(pixels, face)
        return Face(again.box, again.landmarks, min(again.score + _MORE, 1))

    def _turn(self, pixels: Array, face: Face) -> float:
        """Return by how many degrees a face is turned, as its points say: this network has learnt turned faces."""
        return fitted_turn(face.landmarks)

    def _maps(self, pixels: Array) -> Array:
        height, width = pixels.shape[:2]
        whole = np.pad(pixels, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), mode="edge")
        self._net.setInput(np.ascontiguousarray(whole.transpose(2, 0, 1)[None], np.float32) / 255)
        maps: Array = self._net.forward()[0]
        return maps


def _box(points: Array) -> Array:
    """Return the box about a face, upright whatever its turn, from its 5,2 points: x, y, width and height."""
    factor, eyes = fitted(points)
    middle = eyes + factor * complex(*(_BOX[:2] + _BOX[2:] / 2))
    size = abs(factor) * _BOX[2:]
    return np.concatenate([(middle.real, middle.imag) - size / 2, size])
