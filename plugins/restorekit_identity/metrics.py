"""Metrics of one face: is it found, and how far is it from the true one?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit import Metric

from .faces import load_detector, load_recogniser

if TYPE_CHECKING:
    from restorekit import Array, Measure


def check_threshold(threshold: float) -> None:
    """Raise ValueError if it is no score of YuNet's."""
    if not 0 < threshold < 1:
        raise ValueError(f"threshold must be between 0 and 1, not {threshold:g}")


@dataclass(frozen=True)
class FaceDetection(Metric):
    """How often YuNet finds a face: 100 for a picture where it does, 0 for one where it does not.

    Attributes:
        threshold: The least score that counts. Sharp faces of CelebA, 128 x 128, score 0.90 and more.
        detector: The ONNX file of YuNet; by default it is fetched from the Hub.

    Raises:
        ValueError: ``threshold`` is not between 0 and 1.
    """

    threshold: float = 0.6
    detector: Path | None = None

    unit: ClassVar[str] = "%"
    needs: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        check_threshold(self.threshold)

    @property
    def definition(self) -> str:  # type: ignore[override]
        """What the number is."""
        return f"share of the pictures in which YuNet finds a face with a score of {self.threshold:g} or more"

    def build(self) -> Measure:
        """Load YuNet."""
        detect = load_detector(self.detector, self.threshold)

        def measure(picture: Array) -> float:
            return 0.0 if detect(picture) is None else 100.0

        return measure


@dataclass(frozen=True)
class IdentityDistance(Metric):
    """How far the face has moved from the true one, as SFace sees it.

    Both are cut out by the landmarks of the true picture, so that whether a blurred face is found has no part in it.
    Not measured where no face is found in the true picture.

    Attributes:
        detector: The ONNX file of YuNet; by default it is fetched from the Hub.
        recogniser: The ONNX file of SFace; by default it is fetched from the Hub.
        threshold: The least score of a face in the true picture.

    Raises:
        ValueError: ``threshold`` is not between 0 and 1.
    """

    detector: Path | None = None
    recogniser: Path | None = None
    threshold: float = 0.6

    higher_is_better: ClassVar[bool] = False
    definition = (
        "Euclidean distance of SFace's two vectors, each of length 1 (0 for equal faces, 1.41 for unrelated "
        "vectors), both faces cut out by the landmarks that YuNet finds in the true picture"
    )

    def __post_init__(self) -> None:
        check_threshold(self.threshold)

    def build(self) -> Measure:
        """Load YuNet and SFace."""
        detect = load_detector(self.detector, self.threshold)
        describe = load_recogniser(self.recogniser)

        def measure(picture: Array, target: Array, **_: Any) -> float:
            face = detect(target)
            if face is None:
                return float("nan")
            return float(np.linalg.norm(describe(picture, face) - describe(target, face)))

        return measure
