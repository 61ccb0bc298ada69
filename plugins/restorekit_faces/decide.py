"""Which of a picture's faces are restored, and why the others are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from restorekit import Part

SHARP = 2.0
"""Pixels: a face whose blur is narrower is left alone.

Set on sharp faces of CelebA, Helen and CelebA-HQ against faces of the first two blurred by `faces80`; docs/faces.md has
the error rates. A sharp photo measures about 1, as pixels and lenses blur too.
"""

SOFT = 1.5
"""Pixels: a face left alone that is more blurred than this is not called sharp."""

_SURE = 0.8
"""Score of the detector from which on a face may be one of the main ones."""

_MAIN = 0.5
"""Part of the largest sure face's side that a main face has at least."""

_OUT_OF_FOCUS = 3.0
"""How many times more blurred than the sharpest main face a face must be to lie out of the focus that main face is in."""


@dataclass(frozen=True)
class Rule:
    """What a user may set of the decision.

    Attributes:
        skip_below: Blur in pixels below which a face is left alone; 0 restores all faces, however sharp or small.
        largest: How many faces are restored at most, the largest of them; None for all.
        min_face: Width in pixels below which a face is left alone.
    """

    skip_below: float = SHARP
    largest: int | None = None
    min_face: int = 0


def decide(parts: Sequence[Part], rule: Rule) -> list[Part]:
    """Decide for each face of a picture by its size, its blur and the detector's score, against the main ones.

    Main faces are those that the detector is sure of and that are at least half as wide as the widest of them. Where
    one of them is sharp, whoever took the picture focused there: a face that is much more blurred is a bystander or
    a poster out of focus, and stays as it is. In a picture that is blurred as a whole no main face is sharp, and every
    face is restored.

    Args:
        parts: The faces; facts ``blur`` (pixels) and ``score`` (up to 1).
        rule: What the user set.

    Returns:
        The faces in their order, with the reason in ``left`` for those that are left alone.
    """
    by_size = sorted(range(len(parts)), key=lambda i: -_side(parts[i]))
    beyond = set() if rule.largest is None else set(by_size[rule.largest :])
    focus = _focus(parts, rule)
    return [
        replace(part, left=_why(part, rule, focus) or ("not among the largest" if i in beyond else ""))
        for i, part in enumerate(parts)
    ]


def _focus(parts: Sequence[Part], rule: Rule) -> float | None:
    """Return the blur of the sharpest main face, if that is sharp."""
    sure = [part for part in parts if part.facts["score"] >= _SURE]
    widest = max(map(_side, sure), default=0)
    sharpest = min((part.facts["blur"] for part in sure if _side(part) >= _MAIN * widest), default=None)
    return sharpest if sharpest is not None and sharpest < min(rule.skip_below, SHARP) else None


def _why(part: Part, rule: Rule, focus: float | None) -> str:
    blur = part.facts["blur"]
    if _side(part) < rule.min_face:
        return "too small"
    if blur < min(rule.skip_below, SOFT):
        return "sharp"
    if blur < rule.skip_below:
        return "slightly blurred"
    if focus is not None and rule.skip_below > 0 and blur > _OUT_OF_FOCUS * focus:
        return "out of focus beside a sharp face"
    return ""


def _side(part: Part) -> float:
    return max(part.box[2:])
