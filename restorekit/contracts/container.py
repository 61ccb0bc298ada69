"""Containers: files of many pictures, such as videos, whose pictures are restored one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts.array import Array


@dataclass(frozen=True)
class Clip:
    """A file of many pictures to restore, and what of it is wanted.

    Attributes:
        input: The file.
        output: Where the restored one goes, or the folder of its pictures.
        frames: Whether ``output`` is a folder, which gets each picture as a file of its own.
        start: Seconds from its beginning at which the part begins that is wanted.
        end: Seconds at which that part ends; None for the end of the file.
        every: Of how many pictures one is taken.
        crf: The encoder's constant rate factor, lower is better; None goes by the codec.
        bitrate: Bits a second of the pictures, in place of a rate factor; 0 for those of the source.
        only_changed: Whether nothing is written if no picture is restored.
    """

    input: Path
    output: Path
    frames: bool = False
    start: float = 0.0
    end: float | None = None
    every: int = 1
    crf: float | None = None
    bitrate: int | None = None
    only_changed: bool = False

    @property
    def whole(self) -> bool:
        """Whether every picture of it is wanted."""
        return self.start <= 0 and self.end is None and self.every == 1


@dataclass(frozen=True)
class ClipResult:
    """What became of a clip.

    Attributes:
        frames: How many pictures were taken.
        restored: How many of them were restored; the others are as they were.
        written: Whether anything was written.
        flicker: By how much more restored neighbours differ from each other than their sources do, where those hardly
            differ; grey levels of 255, None if nothing was restored.
        notes: What the user should know.
    """

    frames: int
    restored: int
    written: bool = True
    flicker: float | None = None
    notes: tuple[str, ...] = ()


class FrameRestorer(ABC):
    """Restores pictures that follow each other."""

    about: Mapping[str, Any] = {}
    """What decides what it makes of a picture, as JSON has it: what was interrupted goes on only with the same."""

    @abstractmethod
    def __call__(self, pixels: Array) -> Array:
        """Restore the next picture: H,W,3 uint8 or uint16, each side at least 16; one left alone comes back itself."""

    @abstractmethod
    def notes(self) -> tuple[str, ...]:
        """Say what the user should know of the pictures so far, in sentences."""

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Return what it remembers of the pictures so far, as JSON has it."""

    @abstractmethod
    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another one was that gave ``state``."""


ClipProgress = Callable[[int, int | None], None]
"""Called with the pictures that are done, and about how many there are if that is known."""


class Container(ABC):
    """A kind of file that holds many pictures."""

    suffixes: ClassVar[tuple[str, ...]]
    """How such files end, in lower case, with the dot."""

    def holds(self, path: Path) -> bool:
        """Whether a file that ends so is one; false for a still picture of a kind that may hold many."""
        return True

    @abstractmethod
    def check(self, clip: Clip) -> None:
        """Find what can be found wrong before a model is loaded.

        Raises:
            RestorekitError: The file cannot be read, or what is wanted cannot be written.
        """

    @abstractmethod
    def restore(
        self, clip: Clip, start: Callable[[], FrameRestorer], tell: ClipProgress | None = None
    ) -> ClipResult:
        """Restore a clip; its output appears whole or not at all.

        Args:
            clip: The file, checked already.
            start: Gives what restores; called when there is a picture to restore.
            tell: Told of every picture.

        Raises:
            RestorekitError: It cannot be read, restored or written.
        """
