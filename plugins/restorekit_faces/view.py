"""The faces of one picture: each turned to a network's geometry, and what changed there put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import Part, View
from restorekit_faces.blur import blur_width, is_enlarged
from restorekit_faces.closer import closer_size, combined
from restorekit_faces.crop import take_crop
from restorekit_faces.decide import BESIDE, FEWER, SMALL, decide, unwanted
from restorekit_faces.geometry import (
    Placement,
    Template,
    align,
    is_aligned_crop,
    settle,
    whole_shift,
)
from restorekit_faces.paste import Patch, paste

if TYPE_CHECKING:
    from restorekit import Array
    from restorekit_faces.detect import Face
    from restorekit_faces.framing import Faces

_FREE = (BESIDE, SMALL, FEWER)
"""Why a face is left alone over which a neighbour's crop may reach: nobody would miss what it looks like."""


class FacesView(View):
    """The faces of a picture, and those of them that are restored.

    A face that has the geometry's size and is level already is restored without a warp. A picture that is such a crop
    as a whole is restored as a whole, however sharp: who brings it asks for that. A sharp face stays as it is, even
    where the crop of a blurred one beside it reaches over it.

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
        super().__init__(*([f"faces found{by}"] if by else []), looked=True)
        self._pixels, self._framing = pixels, framing
        height, width = pixels.shape[:2]
        placements = [align(face.landmarks, template) for face in faces]
        self.is_crop = any(is_aligned_crop(each, height, width) for each in placements)
        if self.is_crop:
            faces, self.placements = faces[:1], [whole_shift(0, 0, template.size)]
        else:
            self.placements = [settle(each, height, width) for each in placements]
        self._windows = [take_crop(pixels, each) for each in self.placements]
        parts = [Part(face.box, facts=_facts(pixels, face)) for face in faces]
        self._parts = parts if self.is_crop else unwanted(parts, framing.largest, framing.min_face)
        self._template = template
        self._decided: Sequence[Part] = self._parts

    @property
    def parts(self) -> Sequence[Part]:
        """The faces, the surest first; facts: the detector's ``score``, ``enlarged`` if they are."""
        return self._parts

    @property
    def windows(self) -> Sequence[Array]:
        """Each face as the network wants it: S,S,3 float32."""
        return self._windows

    def decide(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Add the fact ``blur``, and leave alone what `decide` says; nothing if the picture is an aligned crop."""
        measured = [
            part if part.left else replace(part, facts=part.facts | {"blur": self._blur(i, part)})
            for i, part in enumerate(parts)
        ]
        self._decided = measured if self.is_crop else decide(measured, self._framing.limit)
        return self._decided

    def _blur(self, number: int, part: Part) -> float:
        """Return the standard deviation of a face's kernel, pixels of the photo or of the geometry, the larger ones."""
        placement = self.placements[number]
        if "kernel_blur" in part.facts:
            blur = part.facts["kernel_blur"] / max(placement.scale, 1)
        else:
            blur = blur_by_edges(self._pixels, placement, self._template)
        return round(float(blur), 3)

    def closer(self, parts: Sequence[Part]) -> Mapping[int, Array]:
        """Look closer at faces that are larger than the geometry, where the restorer says that their blur fits in."""
        sizes = {
            i: closer_size(placement.size, placement.scale, part.facts)
            for i, (part, placement) in enumerate(zip(parts, self.placements, strict=True))
            if not part.left
        }
        return {
            i: take_crop(self._pixels, self.placements[i].finer(size))
            for i, size in sizes.items()
            if size is not None
        }

    def combine(self, number: int, first: Array, closer: Array) -> Array:
        """Take what the first window shows mostly from the first, and what is finer from the closer one."""
        window = take_crop(self._pixels, self.placements[number].finer(len(closer)))
        made: Array = window + combined(first - self._windows[number], closer - window)
        return made

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Add what changed in each face to the picture; no pixel outside the faces' masks differs."""
        return self.pasted(restored)[0]

    def pasted(self, restored: Sequence[Array | None], onto: Array | None = None) -> tuple[Array, Array]:
        """Do the same, and return H,W bool as well: the pixels that may have changed.

        Args:
            restored: As for `put_back`.
            onto: The picture into which the faces are put, if that is another state of it.
        """
        pixels = self._pixels if onto is None else onto
        patches = []
        for i, window in enumerate(restored):
            if window is not None:
                placement = self.placements[i].finer(len(window))
                known = onto is None and len(window) == len(self._windows[i])
                before = self._windows[i] if known else take_crop(pixels, placement)
                # In float64 a difference and what it is added to give back the restored value to the bit.
                patches.append(Patch(placement, window.astype(np.float64) - before))
        spared = [
            part.box
            for part, window in zip(self._decided, restored, strict=True)
            if window is None and part.left not in _FREE
        ]
        return paste(pixels, patches, spared)

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Say how many faces were restored, and why the others were not."""
        left: dict[str, list[float | None]] = {}
        for part in parts:
            if part.left:
                left.setdefault(part.left, []).append(part.facts.get("blur"))
        done = sum(not part.left for part in parts)
        said = f"{done} of {len(parts)} faces restored"
        if left:
            each = "; ".join(_counted(why, blurs) for why, blurs in left.items())
            said += f"; left alone, with their blur in pixels: {each}"
        return (said, *super().notes(parts))


def _counted(why: str, blurs: Sequence[float | None]) -> str:
    """Name each face's blur; where one was not even looked at, their number."""
    known = [f"{blur:.1f}" for blur in blurs if blur is not None]
    return f"{why} {', '.join(known)}" if len(known) == len(blurs) else f"{len(blurs)} {why}"


def _facts(pixels: Array, face: Face) -> dict[str, Any]:
    x, y, width, height = (max(round(side), 0) for side in face.box)
    enlarged = is_enlarged(pixels[y : y + height, x : x + width])
    return {"score": face.score} | ({"enlarged": True} if enlarged else {})


def blur_by_edges(pixels: Array, placement: Placement, template: Template) -> float:
    """Return how blurred a face is: in the crop, or in a smaller one if the crop would enlarge it."""
    factor = min(1 / placement.scale, 1.0)
    size = max(round(template.size * factor), 16)
    other = replace(placement, matrix=placement.matrix * factor, size=size) if factor < 1 else placement
    fitting = Template(other.size, template.middle * factor, template.axis * factor)
    return blur_width(take_crop(pixels, other), fitting)
