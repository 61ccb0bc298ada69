"""Which of a picture's faces are restored, and why the others are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from restorekit import Part

BY_KERNEL = 1.0
"""Pixels: a face is left alone if the kernel that the model estimates is narrower.

Set by tests/benchmarks/decisions.py on sharp faces of CelebA and CelebA-HQ, which have 0.48 at most, and blurred ones,
which have 1.09 at least; docs/faces.md has the error rates.
"""

SOFT = 0.5
"""Pixels: a face left alone whose kernel is wider than this is not called sharp."""

BY_EDGES = 1.45
"""Pixels: the same limit where the model estimates no kernel, and the blur is told by edges, which is less sure."""

SHARP, SLIGHT, UNCLEAR = "sharp", "slightly blurred", "not clearly blurred"
ENLARGED = "enlarged from a smaller picture"
BESIDE = "in the background of a sharp face"
SMALL = "too small"
FEWER = "not among the largest"

_SURE = 0.8
"""Score of the detector from which on a face may be one of the main ones."""

_MAIN = 0.5
"""Part of the widest sure face's width that a main face has at least."""


def unwanted(parts: Sequence[Part], largest: int | None = None, min_face: int = 0) -> list[Part]:
    """Leave alone what nobody asked for, before anything is computed.

    Args:
        parts: The faces.
        largest: How many faces are restored at most, the widest; None for all.
        min_face: Width in pixels below which a face is left alone.

    Returns:
        The faces in their order, with the reason in ``left`` for those that are left alone.
    """
    widest = sorted(range(len(parts)), key=lambda i: -_width(parts[i]))[:largest]

    def why(i: int) -> str:
        if _width(parts[i]) < min_face:
            return SMALL
        return "" if i in widest else FEWER

    return [replace(part, left=why(i)) for i, part in enumerate(parts)]


def decide(parts: Sequence[Part], skip_below: float | None = None) -> list[Part]:
    """Decide for each face of a picture by its size, its blur and the detector's score, against the main ones.

    Main faces are those that the detector is sure of and that are at least half as wide as the widest of them. Where
    one of them is sharp, whoever took the picture focused there: all others that are not main ones are bystanders or
    posters, and stay as they are. In a picture that is blurred as a whole no main face is sharp.

    Args:
        parts: The faces, as `unwanted` gives them. Those that are not left alone have the facts ``blur`` (pixels),
            ``kernel_blur`` if that is by the model's kernel, ``score`` (up to 1), and ``enlarged``, if they are.
        skip_below: Blur in pixels below which a face is left alone; 0 restores all, None takes the default.

    Returns:
        The faces in their order, with the reason in ``left`` for those that are left alone.
    """
    main = _main(parts)
    focused = any(
        parts[i].facts["blur"] < min(limit(parts[i], skip_below), limit(parts[i]))
        for i in main
        if not parts[i].left
    )

    def why(i: int) -> str:
        part = parts[i]
        if part.left:
            return part.left
        if part.facts["blur"] < limit(part, skip_below):
            return _word(part)
        if skip_below != 0 and part.facts.get("enlarged"):
            return ENLARGED
        return BESIDE if focused and i not in main else ""

    return [replace(part, left=why(i)) for i, part in enumerate(parts)]


def limit(part: Part, skip_below: float | None = None) -> float:
    """Return the blur in pixels below which a face is left alone: what is asked for, or else the default."""
    if skip_below is not None:
        return skip_below
    return BY_KERNEL if "kernel_blur" in part.facts else BY_EDGES


def _word(part: Part) -> str:
    if "kernel_blur" not in part.facts:
        return UNCLEAR
    return SHARP if part.facts["blur"] < SOFT else SLIGHT


def _main(parts: Sequence[Part]) -> set[int]:
    sure = {i for i, part in enumerate(parts) if part.facts["score"] >= _SURE}
    widest = max((_width(parts[i]) for i in sure), default=0)
    return {i for i in sure if _width(parts[i]) >= _MAIN * widest}


def _width(part: Part) -> float:
    return part.box[2]
