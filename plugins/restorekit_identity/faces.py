"""Faces found by YuNet and described by SFace."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import RestorekitError

from .weights import SFACE, YUNET

if TYPE_CHECKING:
    from restorekit import Array

_SAME = 0.3
_KEPT = 256
"""Pictures whose face is remembered: several metrics ask for the same ones."""


@lru_cache(maxsize=4)
def load_detector(path: Path | None, threshold: float) -> Detector:
    """Load YuNet, once for all metrics that use it alike."""
    return Detector(YUNET.path(path), threshold)


@lru_cache(maxsize=4)
def load_recogniser(path: Path | None) -> Recogniser:
    """Load SFace, once for all metrics that use it alike."""
    return Recogniser(SFACE.path(path))


class Detector:
    """YuNet, on pictures that show a face as large as they are.

    Args:
        path: Its ONNX file.
        threshold: The least score of a face.

    Raises:
        RestorekitError: The file is something else.
    """

    def __init__(self, path: Path, threshold: float) -> None:
        import cv2

        self._net = _quietly(
            path, lambda: cv2.FaceDetectorYN.create(str(path), "", (64, 64), threshold, _SAME, 50)
        )
        self._found: OrderedDict[bytes, Array | None] = OrderedDict()
        _quietly(path, lambda: self(np.zeros((64, 64, 3), np.uint8)))

    def __call__(self, picture: Array) -> Array | None:
        """Return the largest face of H,W,3 uint8 RGB: x, y, width, height, five landmarks and the score; or None."""
        key = picture.tobytes()
        if key not in self._found:
            height, width = picture.shape[:2]
            self._net.setInputSize((width, height))
            _, rows = self._net.detect(np.ascontiguousarray(picture[..., ::-1]))
            faces = [] if rows is None else [row for row in rows if np.isfinite(row).all()]
            self._found[key] = max(faces, key=lambda row: row[2] * row[3], default=None)
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return self._found[key]


class Recogniser:
    """SFace: 128 numbers for a face, turned and cut to 112 x 112 by its landmarks.

    Args:
        path: Its ONNX file.

    Raises:
        RestorekitError: The file is something else.
    """

    def __init__(self, path: Path) -> None:
        import cv2

        self._net = _quietly(path, lambda: cv2.FaceRecognizerSF.create(str(path), ""))
        face = np.array([0, 0, 64, 64, 22, 26, 42, 26, 32, 38, 24, 48, 40, 48, 1], np.float32)
        _quietly(path, lambda: self(np.zeros((64, 64, 3), np.uint8), face))

    def __call__(self, picture: Array, face: Array) -> Array:
        """Return a vector of length 1 for a face of H,W,3 uint8 RGB, as `Detector` gives it."""
        aligned = self._net.alignCrop(np.ascontiguousarray(picture[..., ::-1]), face)
        vector: Array = self._net.feature(aligned)[0].astype(np.float64)
        return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _quietly(path: Path, make: Callable[[], Any]) -> Any:
    """Do something with a model's file without what OpenCV says of its engines."""
    import cv2

    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return make()
    except cv2.error:
        raise RestorekitError(f"{path}: is not the expected model", "give its ONNX file") from None
    finally:
        cv2.utils.logging.setLogLevel(level)
