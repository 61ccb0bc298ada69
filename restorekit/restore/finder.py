"""Whether a picture's faces are looked for, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Array
    from restorekit.restore.faces.detect import Detector, Face


class FaceFinder:
    """Looks for faces with a detector that is loaded when the first picture asks for it.

    Args:
        only: Whether nothing but faces is wanted, so that going without a detector is an error.
        path: The detector's file; None takes the Hub's.
    """

    def __init__(self, only: bool = False, path: Path | None = None) -> None:
        self.only = only
        self.path = path
        self._detector: Detector | None = None
        self._missing = False

    def prepare(self, restorer: Restorer) -> None:
        """Find what is wrong for all pictures alike.

        Raises:
            RestorekitError: Only faces are wanted, and the restorer does not state those it was trained on; or there is
                no detector, where one was named or only faces are wanted.
        """
        if self.only and not _framed(restorer):
            raise RestorekitError(
                f"model {restorer.name} does not state the faces it was trained on", "leave --faces only out"
            )
        if self.only or (self.path is not None and _framed(restorer)):
            self._load()

    def needed(self, restorer: Restorer, pixels: Array) -> bool:
        """Whether the faces of H,W,3 pixels must be found; a picture as large as a training crop is taken for one."""
        if self.only or not _framed(restorer):
            return self.only
        side = (restorer.footprint.geometry or {})["size"]
        return bool(pixels.shape[:2] != (side, side))

    def __call__(self, pixels: Array) -> Sequence[Face] | None:
        """Find the faces of H,W,3 uint8 or uint16 pixels; None if there is no detector at hand."""
        if self._detector is None and not self._missing:
            self._load()
        return None if self._detector is None else self._detector(pixels)

    def _load(self) -> None:
        from restorekit.restore.faces.detect import DetectorMissing, load_detector

        try:
            self._detector = load_detector(self.path)
        except DetectorMissing:
            if self.only or self.path is not None:
                raise
            self._missing = True


def _framed(restorer: Restorer) -> bool:
    return {"size", "left_eye", "right_eye"} <= (restorer.footprint.geometry or {}).keys()
