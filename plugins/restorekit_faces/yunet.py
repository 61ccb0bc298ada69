"""YuNet: a file named by the user, or the Hub's, of one commit and with a digest that is known beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit import RestorekitError, fetch
from restorekit_faces.detect import Detector
from restorekit_faces.finder.detector import INCLUDED, Finder

if TYPE_CHECKING:
    from restorekit import Array

REPO = "opencv/face_detection_yunet"
FILE = "face_detection_yunet_2023mar.onnx"
REVISION = "3cc26e7f1014a5ee5d74a42acee58bafc9d0a310"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""What the file of that commit is, and in OpenCV's model zoo as well: 232,589 bytes, MIT licence."""


_HINT = "give the ONNX file of YuNet, or of a detector that restorekit trained"
_SCORE, _SAME = 0.7, 0.3
_LARGEST = 2**28
"""Bytes of a detector."""


class YuNet(Detector):
    """YuNet in OpenCV, which finds faces of 10 to 300 pixels.

    Args:
        model: The bytes of its ONNX file.

    Raises:
        ValueError: They are something else.
    """

    levels: ClassVar[tuple[int, ...]] = (320, 640, 1280, 2560)
    looks: ClassVar[tuple[int, ...]] = (50, 60, 70, 80, 90, 100)

    def __init__(self, model: bytes) -> None:
        import cv2

        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it tells of its engines
        try:
            data, none = np.frombuffer(model, np.uint8), np.empty(0, np.uint8)
            self._net: Any = cv2.FaceDetectorYN.create("onnx", data, none, (64, 64), _SCORE, _SAME, 5000)
            self._find(np.zeros((64, 64, 3), np.uint8))
        except cv2.error as error:
            raise ValueError("not a YuNet model") from error
        finally:
            cv2.utils.logging.setLogLevel(level)

    def _find(self, pixels: Array) -> list[Array]:
        height, width = pixels.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(np.ascontiguousarray(pixels[..., ::-1]))
        return [] if rows is None else [row.astype(np.float64) for row in rows if np.isfinite(row).all()]


def load_detector(path: Path | None = None) -> Detector:
    """Load a detector.

    Args:
        path: The ONNX file of YuNet, or of a face finder. None takes the Hub's YuNet, from the cache if it is there; if
            it cannot be fetched, the face finder that comes along.

    Raises:
        RestorekitError: The file cannot be read, or is neither.
    """
    if path is None:
        try:
            path = fetch(REPO, FILE, REVISION, SHA256)
        except RestorekitError:
            path = INCLUDED
    try:
        if path.exists() and not path.is_file() or path.stat().st_size > _LARGEST:
            raise ValueError
        return _detector(path.read_bytes())
    except OSError as error:
        raise RestorekitError(f"{path}: cannot be read ({error.strerror})", _HINT) from None
    except ValueError:
        raise RestorekitError(f"{path}: is not a face detector", _HINT) from None


def by_whom(path: Path | None, detector: object) -> str:
    """Say by what faces are found, if a detector that was loaded for a path stands in for YuNet; else nothing."""
    if path is not None or not isinstance(detector, Finder):
        return ""
    return f" by the small detector that comes along, as {FILE} could not be fetched from {REPO}"


def _detector(model: bytes) -> Detector:
    try:
        return Finder(model)
    except ValueError:
        return YuNet(model)


def cached_detector() -> str:
    """Say where the Hub's file lies on this machine, or that it will be fetched."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPO, FILE, revision=REVISION)
    if isinstance(found, str):
        return found
    return f"not here yet; {FILE} is fetched from {REPO} at its first use; without a connection {INCLUDED} serves"
