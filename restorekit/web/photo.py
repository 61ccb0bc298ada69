"""One photo on the page: what is wanted of it, what is known, and what was made."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from restorekit.contracts import Container
from restorekit.framing import Part
from restorekit.images import Picture
from restorekit.restore.clips import container_of
from restorekit.restore.draft import Draft, Restored
from restorekit.web import words
from restorekit.web.work import Course

Phase = Literal["waiting", "reading", "looking", "restoring", "done", "failed", "cancelled"]


@dataclass(eq=False)
class Photo:
    """A photo that somebody brought.

    Attributes:
        id: Nobody guesses it.
        path: Its file, in a folder of its own.
        phase: How far it is.
        version: Counts what there is to see; each has other addresses.
        said: What became of it, or why it failed.
        chosen: For the number of a part whether it is restored, where somebody chose.
        task: What is under way; where it is another one, or None, that stops at its next tile.
        course: How far that is.
        before: The photo, once it was read.
        draft: What was computed.
        restored: What was made.
        written: The file of it, by the strength.
        parts: What was found, and what becomes of it, as JSON has it.
        focus: The number of the largest part, restored or not.
        size: Width and height.
        lock: Held by whoever reads or changes what was made.
    """

    id: str
    path: Path
    phase: Phase = "waiting"
    version: int = 0
    said: list[str] = field(default_factory=list)
    chosen: dict[int, bool] = field(default_factory=dict)
    task: object = None
    course: Course | None = None
    before: Picture | None = None
    draft: Draft | None = None
    restored: Restored | None = None
    written: dict[float, Path] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    focus: int | None = None
    size: tuple[int, int] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def name(self) -> str:
        """What its file is called."""
        return self.path.name

    @functools.cached_property
    def container(self) -> Container | None:
        """What restores it, if it is a clip."""
        return container_of(self.path)

    @property
    def pixels(self) -> int:
        """How many pixels are in memory."""
        return 0 if self.before is None else self.before.pixels.size // 3

    def forget(self) -> None:
        """Keep nothing in memory; what is known stays."""
        self.before = self.draft = self.restored = None

    def saw(self, picture: Picture) -> None:
        """Take in what was read."""
        height, width = picture.pixels.shape[:2]
        with self.lock:
            self.before, self.size, self.parts, self.focus = picture, (width, height), [], None
            self.version += 1

    def found(self, parts: Sequence[Part], done: bool = False) -> None:
        """Take in parts, and what becomes of them."""
        self.parts = [
            {
                "box": part.box,
                "restored": not part.left,
                "words": words.of_part(part, self.chosen.get(i, False), done),
            }
            for i, part in enumerate(parts)
        ]
        areas = [part.box[2] * part.box[3] for part in parts]
        self.focus = areas.index(max(areas)) if areas else None

    def state(self) -> dict[str, Any]:
        """Say how it is, as JSON has it."""
        course = self.course
        share, left = course.at(time.monotonic()) if course else (None, None)
        return {
            "id": self.id, "name": self.name, "phase": self.phase, "version": self.version, "said": self.said,
            "parts": self.parts, "focus": self.focus, "size": self.size,
            "made": self.phase == "done" or self.restored is not None, "clip": self.container is not None,
            "share": share and round(share, 3), "left": left and round(left, 1),
        }  # fmt: skip
