"""One picture in a framing: what is decided of its parts, what was computed, and the picture that this makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.framing import Box, Part, View
from restorekit.images import Picture
from restorekit.images.hidden import visible, with_own_hidden
from restorekit.restore.enlarge import enlarged
from restorekit.restore.steady import blended

if TYPE_CHECKING:
    from restorekit.contracts import Array

Look = Callable[["Array"], View]
"""What a framing built: it gives the view of a picture's pixels."""

Zoom = tuple[int, int, int, int]
"""x, y, width and height in whole pixels."""

CHOSEN = "not chosen"
"""Why a part is left alone that somebody chose to leave."""


@dataclass(frozen=True)
class Restored:
    """What became of a picture.

    Attributes:
        picture: The picture, its colours rounded to the depth that it had; the very same one if it was left alone.
        changed: Whether anything of it was restored.
        parts: What the framing looked for and found, and what was decided; None if nobody looked.
        notes: What was restored and what not, for the user.
        others: What was decided of parts that are not of the kind that was looked for, such as all around them.
    """

    picture: Picture
    changed: bool
    parts: tuple[Part, ...] | None = None
    notes: tuple[str, ...] = ()
    others: tuple[Part, ...] = ()

    @property
    def kernels(self) -> list[Array]:
        """The blur kernels that the restorer estimated of restored parts, or of their tiles: K,K float32 each."""
        told = [part.facts for part in self.parts or () if not part.left]
        each = [tile for facts in told for tile in facts.get("tiles", [facts])]
        return [np.array(facts["kernel"], np.float32) for facts in each if "kernel" in facts]

    @property
    def zoom(self) -> Zoom | None:
        """The largest part that was restored."""
        return largest([part.box for part in self.parts or () if not part.left])


def largest(boxes: Iterable[Box]) -> Zoom | None:
    """Return the largest of some boxes, rounded; None if there is none."""
    box = max(boxes, key=lambda box: box[2] * box[3], default=None)
    if box is None:
        return None
    x, y, wide, high = map(round, box)
    return x, y, wide, high


class Draft:
    """A picture whose parts are decided; what is computed of them is kept, and put back in any choice and strength.

    Args:
        picture: The picture.
        look: What gives the view of it.

    Attributes:
        picture: As given.
        parts: The parts, as they are before anything is computed.
        windows: What the restorer gets for each.
        looked: Whether parts of the kind that the framing reports were looked for.

    Raises:
        RestorekitError: The framing lacks something.
    """

    def __init__(self, picture: Picture, look: Look) -> None:
        self.picture = picture
        self._view = look(visible(picture))
        self.parts: Sequence[Part] = tuple(self._view.parts)
        self.windows = self._view.windows
        self.looked = self._view.looked
        self._made: dict[int, Array] = {}
        self._facts: dict[int, Mapping[str, Any]] = {}

    @property
    def found(self) -> tuple[Part, ...]:
        """The parts of the kind that the framing looks for, as they are before anything is computed."""
        return (self._view.report(self.parts) or ()) if self._view.looked else ()

    def lacks(self, chosen: Mapping[int, bool] | None = None) -> list[int]:
        """Return the numbers of the parts that are to be restored, and were not computed yet.

        Args:
            chosen: For the number of a part whether it is restored, whatever is decided.
        """
        chosen = chosen or {}
        wanted = (i for i, part in enumerate(self.parts) if chosen.get(i, not part.left))
        return [i for i in wanted if i not in self._made]

    def keep(self, number: int, made: Array, facts: Mapping[str, Any]) -> None:
        """Keep what was computed of a part, and what the restorer says of it."""
        self._made[number], self._facts[number] = made, facts

    def closer(self, numbers: Iterable[int], chosen: Mapping[int, bool] | None = None) -> dict[int, Array]:
        """Return the windows in which parts that were just computed, and changed, are looked at closer.

        Args:
            numbers: The parts.
            chosen: As for `lacks`.
        """
        changed = [
            i for i in numbers if self._facts[i] and not np.array_equal(self._made[i], self.windows[i])
        ]
        found = self._view.closer(self._decided(chosen or {})) if changed else {}
        return {i: found[i] for i in changed if i in found}

    def keep_closer(self, number: int, window: Array, made: Array) -> None:
        """Keep what was computed of a closer window, in place of the first one, unless that changed nothing."""
        if not np.array_equal(made, window):
            self._made[number] = self._view.combine(number, self._made[number], made)
            self.windows = [*self.windows[:number], window, *self.windows[number + 1 :]]

    def put_back(
        self, chosen: Mapping[int, bool] | None = None, strength: float = 1.0, *notes: str
    ) -> Restored:
        """Decide by all that is known of the parts, and put back what is restored.

        Args:
            chosen: As for `lacks`, which is empty.
            strength: Share of the change that is made, in [0, 1].
            notes: What else the user should know of a picture that was changed.
        """
        parts = self._decided(chosen or {})
        windows: list[Array | None] = [None] * len(parts)
        for i, made in self._made.items():
            made = blended(self.windows[i], made, strength)
            if np.array_equal(made, self.windows[i]):
                parts[i] = replace(parts[i], left=parts[i].left or _why(parts[i]))
            if not parts[i].left:
                windows[i] = made
        picture, changed = self.picture, any(window is not None for window in windows)
        if changed:
            pixels = with_own_hidden(picture, self._view.put_back(windows))
            alpha = picture.alpha
            alpha = None if alpha is None else enlarged(alpha, len(pixels) // len(picture.pixels))
            picture = replace(picture, pixels=pixels, alpha=alpha)
        said = (*self._view.notes(parts), *(notes if changed else ()))
        told = self._view.report(parts)
        others = (
            () if told is None else tuple(part for part in parts if all(part is not each for each in told))
        )
        return Restored(picture, changed, told, said, others)

    def _decided(self, chosen: Mapping[int, bool]) -> list[Part]:
        told = [
            replace(part, facts={**part.facts, **self._facts.get(i, {})}) for i, part in enumerate(self.parts)
        ]
        parts = [
            replace(part, left=before.left or part.left)
            for part, before in zip(self._view.decide(told), self.parts, strict=True)
        ]
        for i, restore in chosen.items():
            parts[i] = replace(parts[i], left="" if restore else parts[i].left or CHOSEN)
        return parts


def _why(part: Part) -> str:
    """Say why a restorer changed nothing of a part."""
    return str(part.facts.get("left", "nothing to restore"))
