"""The framing ``faces``: what of a picture is restored is its faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from restorekit import FrameLook, Framing, RestorekitError, Restorer, View, WholeView

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.detect import Detector, Face
    from restorekit_faces.geometry import Template

WHOLE_MOST = 4_000_000
"""Pixels of a picture without a face that is restored all the same."""


@dataclass(frozen=True)
class Faces(Framing):
    """Finds the faces of a picture, turns each to what the network was trained on, and puts back what changed.

    For a restorer that does not state the faces it was trained on, pictures are restored whole. So is a picture of the
    very size of its training crops.

    Attributes:
        faces: auto: the blurred faces, or the whole picture if it has none, at most 4 megapixels, and is blurred as a
            whole; all: the same, however sharp; only: nothing but faces; both: the blurred faces, and the rest
            around them if that is blurred as a whole; off: the whole picture.
        detector: The ONNX file of YuNet, which by default is fetched once from the Hub, or of your own detector. Where
            YuNet cannot be fetched, a small detector that comes along looks for faces.
        skip_below: Blur below which a face, or a picture without one, is left alone: the standard deviation of its
            kernel in pixels, of the photo or of the geometry, whichever are larger. By default 1.0 for faces whose
            kernel the model estimates, 1.45 where the blur is told by edges.
        largest: Restore only the N largest faces.
        min_face: Leave faces alone that are narrower than this, in pixels.
    """

    parts: ClassVar[str] = "faces"
    ways: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Faces, or all of a photo without": {"faces": "auto"},
        "Faces only": {"faces": "only"},
        "The same, also where it is sharp": {"faces": "all"},
        "Faces, and all around them": {"faces": "both"},
        "All of the photo": {"faces": "off"},
    }

    faces: Literal["auto", "all", "only", "both", "off"] = "auto"
    detector: Path | None = None
    skip_below: float | None = None
    largest: int | None = None
    min_face: int = 0

    def __post_init__(self) -> None:
        if self.skip_below is not None and not 0 <= self.skip_below < 100:
            raise ValueError(f"skip_below must be from 0 to 100 pixels, not {self.skip_below:g}")
        if self.largest is not None and self.largest < 1:
            raise ValueError(f"largest must be at least 1, not {self.largest}")

    @property
    def limit(self) -> float | None:
        """Blur in pixels below which a face, or a photo without one, is left alone; None for the default."""
        return 0 if self.faces == "all" else self.skip_below

    def needs(self) -> Mapping[str, str]:
        """Say where the detector is."""
        from restorekit_faces.yunet import cached_detector

        return {"face detector": str(self.detector) if self.detector else cached_detector()}

    def build(self, restorer: Restorer) -> Callable[[Array], View]:
        """Make ready for a restorer; a detector that was named, or must be there, is loaded at once.

        Raises:
            RestorekitError: Only faces are wanted, and the restorer does not state those it was trained on; or there is
                no detector, where one was named or only faces are wanted.
        """
        framed = {"size", "left_eye", "right_eye"} <= (restorer.footprint.geometry or {}).keys()
        if self.faces == "only" and not framed:
            raise RestorekitError(
                f"model {restorer.name} does not state the faces it was trained on",
                "choose another model, or restore whole pictures",
            )
        if self.faces == "off" or not framed:
            return WholeView
        if restorer.footprint.scale > 1:
            raise RestorekitError(
                f"model {restorer.name} enlarges by {restorer.footprint.scale}, which faces in a picture cannot be",
                "restore whole pictures with faces=off",
            )
        from restorekit_faces.geometry import template_of

        look = Look(self, template_of(restorer.footprint.geometry or {}))
        if self.faces == "only" or self.detector is not None:
            look.load()
        return look

    def follow(self, restorer: Restorer) -> FrameLook:
        """Make ready for frames that follow each other, with the errors of ``build``: their faces are tracked."""
        if self.faces == "both":
            raise RestorekitError("faces=both is for photos, not for clips", "choose auto, only or off")
        look = self.build(restorer)
        if not isinstance(look, Look):
            return FrameLook(look)
        from restorekit_faces.follow import FacesLook

        return FacesLook(look, self)


class Look:
    """Looks at pictures, with a detector that is loaded when the first of them asks for it.

    Args:
        framing: What is wanted.
        template: Where the network wants a face.

    Attributes:
        template: As given.
    """

    def __init__(self, framing: Faces, template: Template) -> None:
        self._framing = framing
        self.template = template
        self._detector: Detector | None = None
        self._by = ""

    def load(self) -> None:
        """Load the detector.

        Raises:
            RestorekitError: The one that was named cannot be read.
        """
        from restorekit_faces.yunet import by_whom, load_detector

        self._detector = load_detector(self._framing.detector)
        self._by = by_whom(self._framing.detector, self._detector)

    def __call__(self, pixels: Array) -> View:
        """Give the view of H,W,3 pixels."""
        from restorekit_faces.both import BothView
        from restorekit_faces.photo import PhotoView
        from restorekit_faces.view import FacesView

        height, width = pixels.shape[:2]
        only = self._framing.faces == "only"
        if not only and (height, width) == (self.template.size, self.template.size):
            return WholeView(pixels)
        faces = self.find(pixels)
        both = self._framing.faces == "both"
        if faces:
            kind = BothView if both else FacesView
            return kind(pixels, faces, self.template, self._framing, self._by)
        if only:
            return View(f"no face found{self._by}, left alone", looked=True)
        if height * width > WHOLE_MOST and not both:
            size = f"{height * width / 1e6:.3g} megapixels"
            return View(f"no face found{self._by}, {size} left alone; faces=off restores them", looked=True)
        return PhotoView(pixels, f"no face found{self._by}", self._framing.limit)

    def find(self, pixels: Array) -> Sequence[Face]:
        """Find the faces of H,W,3 pixels."""
        return self.detector(pixels)

    @property
    def detector(self) -> Detector:
        """The detector, loaded."""
        if self._detector is None:
            self.load()
        assert self._detector is not None
        return self._detector
