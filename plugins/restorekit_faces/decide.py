"""Which of a picture's faces are restored, and why the others are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from restorekit import Part

SHARP = 1.75
"""Pixels: a face whose blur is narrower is left alone.

Set on sharp faces of CelebA and CelebA-HQ against faces of the first blurred by `faces80`; docs/faces.md has the error
rates. A sharp photo measures about 1, as pixels and lenses blur too.
"""

SOFT = 1.5
"""Pixels: a face left alone that is more blurred than this is not called sharp."""

FINE = 3.0
"""The same in a crop up to four times as large, for a face that is shrunk: slight blur vanishes when it is.

Of 26 sharp portraits 25 measure at most 2.0 there, and one by a phone, shrunk to a seventh, 2.5.
"""

_SURE = 0.8
"""Score of the detector from which on a face may be one of the main ones."""

_MAIN = 0.5
"""Part of the widest sure face's width that a main face has at least."""

ENLARGED = "enlarged from a smaller picture"
BESIDE = "in the background of a sharp face"
SMALL = "too small"
FEWER = "not among the largest"


def decide(
    parts: Sequence[Part], skip_below: float = SHARP, largest: int | None = None, min_face: int = 0
) -> list[Part]:
    """Decide for each face of a picture by its size, its blur and the detector's score, against the main ones.

    Main faces are those that the detector is sure of and that are at least half as wide as the widest of them. Where
    one of them is sharp, whoever took the picture focused there: all others that are not main ones are bystanders or
    posters, and stay as they are. In a picture that is blurred as a whole no main face is sharp.

    Args:
        parts: The faces; facts ``blur`` (pixels), ``score`` (up to 1), ``enlarged``, if they are, and ``fine_blur`` of
            those that are shrunk (pixels of a crop up to four times as large).
        skip_below: Blur in pixels below which a face is left alone; 0 restores all that are large enough.
        largest: How many faces are restored at most, the widest; None for all.
        min_face: Width in pixels below which a face is left alone.

    Returns:
        The faces in their order, with the reason in ``left`` for those that are left alone.
    """
    main = _main(parts)
    focused = any(parts[i].facts["blur"] < min(skip_below, SHARP) and _crisp(parts[i]) for i in main)
    widest = sorted(range(len(parts)), key=lambda i: -_width(parts[i]))[:largest]

    def why(i: int) -> str:
        blur = parts[i].facts["blur"]
        if _width(parts[i]) < min_face:
            return SMALL
        if i not in widest:
            return FEWER
        if blur < skip_below:
            return "sharp" if blur < SOFT and _crisp(parts[i]) else "slightly blurred"
        if skip_below and parts[i].facts.get("enlarged"):
            return ENLARGED
        return BESIDE if focused and i not in main else ""

    return [replace(part, left=why(i)) for i, part in enumerate(parts)]


def _main(parts: Sequence[Part]) -> set[int]:
    sure = {i for i, part in enumerate(parts) if part.facts["score"] >= _SURE}
    widest = max((_width(parts[i]) for i in sure), default=0)
    return {i for i in sure if _width(parts[i]) >= _MAIN * widest}


def _crisp(part: Part) -> bool:
    """Whether a face is sharp in fine detail too, as far as that is known."""
    return float(part.facts.get("fine_blur", 0)) < FINE


def _width(part: Part) -> float:
    return part.box[2]
