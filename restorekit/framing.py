"""Framings: which parts of a picture a restorer sees, in which geometry, and how the change is put back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts import Array, Restorer

Box = tuple[float, float, float, float]
"""x, y, width and height, pixels."""


@dataclass(frozen=True)
class Part:
    """A part of a picture, and what is decided of it.

    Attributes:
        box: Where it lies in the picture.
        left: Why it is left alone, in a few words; empty if it is restored.
        facts: What is known of it, as JSON has it: what the framing measured, and what the restorer says of its window.
    """

    box: Box
    left: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class View:
    """What a framing sees in one picture. This one sees nothing, and the picture stays as it is.

    Args:
        notes: What the user should know.
        looked: Whether parts of the kind that the framing reports were looked for.
    """

    def __init__(self, *notes: str, looked: bool = False) -> None:
        self._notes = notes
        self.looked = looked

    @property
    def parts(self) -> Sequence[Part]:
        """The parts, in the order in which they are reported; nothing is computed of those that say why in ``left``."""
        return ()

    @property
    def windows(self) -> Sequence[Array]:
        """What the restorer gets for each part: H,W,3, of integers as the picture has them, or float32 in [0, 1]."""
        return ()

    def decide(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Decide which of the parts are restored, once what the restorer says of them is known too.

        Args:
            parts: The parts, with all their facts; those that were left alone before still say why.

        Returns:
            The same, with the reason in ``left`` for those that are left alone. What was made of them is thrown away.
        """
        return parts

    def closer(self, parts: Sequence[Part]) -> Mapping[int, Array]:
        """Return more windows of parts, by number: those in which the restorer may see what the first do not show.

        Args:
            parts: As `decide` gives them, with all their facts.
        """
        return {}

    def combine(self, number: int, first: Array, closer: Array) -> Array:
        """Return the closer window of a part as both results restore it; `put_back` gets that in place of the first.

        Args:
            number: Of the part.
            first: Its restored window.
            closer: Its restored closer window.
        """
        return closer

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Return the picture with its restored windows, of the type that it has.

        Args:
            restored: For each part its restored window, float32 ones not clamped; None for one that is left alone.
                At least one is there.
        """
        raise NotImplementedError

    def report(self, parts: Sequence[Part]) -> tuple[Part, ...] | None:
        """Return the parts of the kind that the framing reports; None if they were not looked for."""
        return tuple(parts) if self.looked else None

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Say what became of the parts, in sentences for the user."""
        return self._notes


class WholeView(View):
    """The whole picture as the one part that is restored.

    Args:
        pixels: H,W,3 uint8 or uint16.
        why: Why it is not cut into the parts that were looked for; empty if nobody looked.
    """

    def __init__(self, pixels: Array, why: str = "") -> None:
        super().__init__(looked=bool(why))
        self._pixels, self._why = pixels, why

    @property
    def parts(self) -> Sequence[Part]:
        """The picture."""
        height, width = self._pixels.shape[:2]
        return (Part((0, 0, width, height)),)

    @property
    def windows(self) -> Sequence[Array]:
        """The picture's own pixels."""
        return (self._pixels,)

    def put_back(self, restored: Sequence[Array | None]) -> Array:
        """Return what was restored; larger than the picture where the restorer enlarges."""
        (pixels,) = restored
        assert pixels is not None
        return pixels

    def report(self, parts: Sequence[Part]) -> tuple[Part, ...] | None:
        """Return none, if parts were looked for: the picture is not of their kind; else it, if there is news of it."""
        if self.looked:
            return ()
        return tuple(parts) if any(part.facts or part.left for part in parts) else None

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Say what became of the picture, if parts of it were looked for or it was left alone."""
        (part,) = parts
        became = f"the whole picture left alone: {part.left}" if part.left else "the whole picture restored"
        if self._why:
            return (f"{self._why}, {became}",)
        return (f"left alone: {part.left}",) if part.left else ()


class FrameLook:
    """Looks at pictures that follow each other, such as those of a video. This one remembers none.

    Args:
        look: Gives the view of each picture.
    """

    def __init__(self, look: Callable[[Array], View]) -> None:
        self._look = look

    def __call__(self, pixels: Array) -> View:
        """Give the view of the next picture's pixels."""
        return self._look(pixels)

    def state(self) -> Mapping[str, Any]:
        """Return what it remembers of the pictures so far, as JSON has it."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another one was that gave ``state``."""


class Framing(ABC):
    """Which parts of a picture a restorer sees, in which geometry, and how the change is put back."""

    parts: ClassVar[str] = ""
    """What reports call the parts that it looks for, in the plural; empty if it looks for none."""

    ways: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Ways to use it that a page offers: in words, and the keys that they set."""

    def needs(self) -> Mapping[str, str]:
        """Say what it needs beside its code, for ``restorekit doctor``: by name, where that is, or that it is not."""
        return {}

    @abstractmethod
    def build(self, restorer: Restorer) -> Callable[[Array], View]:
        """Make ready for a restorer; what is heavy is loaded here, or when the first picture asks for it.

        Returns:
            What gives the view of a picture's pixels, H,W,3 uint8 or uint16.

        Raises:
            RestorekitError: It can do nothing for this restorer, or lacks something for all pictures alike.
        """

    def follow(self, restorer: Restorer) -> FrameLook:
        """Make ready for pictures that follow each other, with the errors of ``build``."""
        return FrameLook(self.build(restorer))
