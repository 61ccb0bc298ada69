"""The faces of one picture, and all around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Part
from restorekit_faces.decide import BESIDE, ENLARGED, SHARP, UNCLEAR
from restorekit_faces.paste import around
from restorekit_faces.photo import PhotoView
from restorekit_faces.view import FacesView

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.detect import Face
    from restorekit_faces.framing import Faces
    from restorekit_faces.geometry import Template

_SHARP = (SHARP, UNCLEAR)
_OWN = ("", *_SHARP, ENLARGED)
"""Why a face is left alone that the rest must not change either; no reason is that of somebody who chose it."""


class BothView(FacesView):
    """The faces of a picture, and the rest of it as its last part.

    The rest is restored if it is blurred as a whole, as a photo without faces is, and no face is sharp. The faces are
    put into the rest as it then is: what is added to it fades out towards their edges, so that nothing ends there.

    Args:
        pixels: H,W,3 uint8 or uint16.
        faces: What a detector found, at least one.
        template: Where the network wants a face.
        framing: What the user wants.
        by: By what they were found, if the user should know that.
    """

    def __init__(
        self, pixels: Array, faces: Sequence[Face], template: Template, framing: Faces, by: str = ""
    ) -> None:
        super().__init__(pixels, faces, template, framing, by)
        self._rest = PhotoView(pixels, "", framing.limit)

    @property
    def parts(self) -> Sequence[Part]:
        """The faces, the surest first, and the rest; a picture that is a face has none."""
        rest = [replace(part, left="it is the face") if self.is_crop else part for part in self._rest.parts]
        return (*super().parts, *rest)

    @property
    def windows(self) -> Sequence[Array]:
        """Each face as the network wants it, and the whole picture."""
        return (*super().windows, *self._rest.windows)

    def decide(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Decide about the faces, and leave the rest alone beside a sharp one."""
        faces, rest = super().decide(parts[:-1]), parts[-1]
        if not rest.left and any(face.left in _SHARP for face in faces):
            rest = replace(rest, left=f"it is {BESIDE}")
        return (*faces, rest)

    def closer(self, parts: Sequence[Part]) -> Mapping[int, Array]:
        """Look closer at faces, as without the rest."""
        return super().closer(parts[:-1])

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Put the faces into the restored rest, if that is restored."""
        *faces, rest = restored
        if rest is None:
            return super().put_back(faces)
        onto = self._rest.put_back([rest])
        for part, window in zip(self._decided, faces, strict=True):
            if window is None and part.left in _OWN:
                onto = _spared(self._pixels, onto, part)
        return self.pasted(faces, onto)[0]

    def report(self, parts: Sequence[Part]) -> tuple[Part, ...] | None:
        """Return the faces."""
        return super().report(parts[:-1])

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Say what became of the faces, and of the rest."""
        rest = parts[-1]
        became = "restored" if not rest.left else f"left alone: {rest.left}; skip_below=0 restores it"
        said = () if self.is_crop else (f"the rest of the picture {became}",)
        return (*super().notes(parts[:-1]), *said)


def _spared(pixels: Array, changed: Array, face: Part) -> Array:
    """Return a changed picture with a face as it was, which fades into the change around it."""
    free = around(face.box, 0, 0, pixels.shape[:2])[..., None]
    mixed: Array = np.rint(pixels + free * (changed.astype(np.float32) - pixels)).astype(pixels.dtype)
    return mixed
