"""What the page does with a photo; knows nothing of Gradio."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

import numpy as np

from restorekit import images
from restorekit.errors import RestorekitError
from restorekit.framing import Framing
from restorekit.images import Picture, reduced
from restorekit.images.formats import format_of
from restorekit.images.picture import to_8_bit
from restorekit.restore.batch import Outcome, restore_files
from restorekit.restore.compare import LARGEST, around
from restorekit.restore.enlarge import enlarged
from restorekit.restore.jobs import Job
from restorekit.restore.pictures import Look
from restorekit.restore.steady import Steady, Tile
from restorekit.restore.tiles import Progress
from restorekit.web.choice import Models

UPLOADED = 60
"""Seconds for which an upload stays, beside the copy that is restored."""

Pair = tuple[Path, Path]
"""Before and after, as PNG for a screen."""


@dataclass(frozen=True)
class Result:
    """What became of a photo.

    Attributes:
        output: The restored photo, in the format of the input.
        whole: All of it, before and after.
        part: The largest part that was restored, before and after, where that is small in the photo.
        notes: What the user should know.
    """

    output: Path
    whole: Pair
    part: Pair | None
    notes: tuple[str, ...]


class Desk:
    """Keeps one photo for each visitor, and restores it as ``restorekit deblur`` does.

    Args:
        folder: Where uploads arrive, and where photos and results are kept until their visitor leaves.
        models: What restores.
        framing: What of a photo is restored, to begin with.
        tile: Longest side of a tile in pixels.
        max_pixels: The largest picture that is read.

    Attributes:
        folder: As given.
        models: What restores.
        ways: What of a photo may be restored, in words; the one to begin with is first.
    """

    def __init__(
        self,
        folder: Path,
        models: Models,
        framing: Framing,
        tile: Tile = "auto",
        max_pixels: int = images.MAX_PIXELS,
    ) -> None:
        self.models = models
        self.folder = folder
        self._kept = folder / "kept"
        self._tile = tile
        self._max_pixels = max_pixels
        self._framings = _ways(framing)
        self.ways = list(self._framings)
        self._looks: dict[tuple[str, str], Look] = {}
        self._photos: dict[str, Path] = {}
        self._lock = threading.Lock()

    def take(self, visitor: str, upload: Path) -> None:
        """Copy a visitor's new photo here; the one before it is deleted, with all that was made of it.

        The upload stays for a while (`sweep`): another visitor who brings the same photo is given the same file.

        Raises:
            OSError: It is not there, or there is no room.
        """
        self.leave(visitor)
        self._kept.mkdir(exist_ok=True)
        photo = Path(mkdtemp(dir=self._kept), upload.name)
        shutil.copyfile(upload, photo)
        with self._lock:
            self._photos[visitor] = photo

    def leave(self, visitor: str) -> None:
        """Delete a visitor's photo and all that was made of it; one without any may leave too."""
        with self._lock:
            photo = self._photos.pop(visitor, None)
        if photo is not None:
            shutil.rmtree(photo.parent, ignore_errors=True)

    def sweep(self) -> None:
        """Delete uploads that came a while ago: they are copied as soon as they are there, or not wanted."""
        for file in [file for file in self.folder.rglob("*") if self._kept not in file.parents]:
            with suppress(OSError):  # deleted meanwhile, or a folder that is not empty
                if time.time() - file.stat().st_mtime > UPLOADED:
                    file.unlink() if file.is_file() else file.rmdir()

    def has_photo(self, visitor: str) -> bool:
        """Whether there is something to restore."""
        return visitor in self._photos

    def restore(
        self,
        visitor: str,
        model: str,
        way: str,
        strength: float,
        progress: Progress = lambda done, tiles: None,
    ) -> Result:
        """Restore a visitor's photo.

        Args:
            visitor: Who has a photo here.
            model: One of the models' names.
            way: One of ``ways``.
            strength: Share of the change that is made, in [0, 1].
            progress: Told of the tiles that are done, and all of them.

        Raises:
            RestorekitError: It cannot be restored; the photo is called by its name, without its place here.
        """
        photo = self._photos[visitor]

        def tell(done: int, tiles: int) -> None:
            self._check(visitor, photo)  # nobody waits for the other tiles
            progress(done, tiles)

        made = Path(mkdtemp(dir=photo.parent))  # a new place each time, as browsers keep what an address gave
        try:
            outcome = self._outcome(photo, made, model, way, strength, tell)
            result = _result(outcome, made)
            self._check(visitor, photo)
        except RestorekitError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise RestorekitError(_without(made, error.message), error.hint) from None
        finally:
            if self._photos.get(visitor) != photo:  # what was written since is deleted, too
                shutil.rmtree(photo.parent, ignore_errors=True)
        for old in photo.parent.iterdir():
            if old not in (photo, made):
                shutil.rmtree(old, ignore_errors=True)
        return result

    def _check(self, visitor: str, photo: Path) -> None:
        if self._photos.get(visitor) != photo:
            raise RestorekitError(f"{photo.name}: its page was closed")

    def _outcome(
        self, photo: Path, made: Path, model: str, way: str, strength: float, progress: Progress
    ) -> Outcome:
        format_of(photo)  # before anything is computed

        def start() -> tuple[Steady, Look]:
            restorer = self.models.load(model)
            look = self._looks.get((model, way)) or self._framings[way].build(restorer)
            self._looks[model, way] = look  # a detector is loaded once
            return Steady(restorer, self._tile, strength), look

        job = Job(photo, made / f"{photo.stem}.deblurred{photo.suffix}")
        jobs = restore_files([job], start, self._max_pixels, lambda _, *tiles: progress(*tiles))
        outcome = next(iter(jobs))
        if outcome.error is not None:
            raise outcome.error
        return outcome


def _result(outcome: Outcome, made: Path) -> Result:
    assert outcome.picture is not None and outcome.restored is not None  # there is no error
    before, after = outcome.picture, outcome.restored.picture
    before = replace(before, pixels=enlarged(before.pixels, len(after.pixels) // len(before.pixels)))
    box = outcome.restored.zoom and around(outcome.restored.zoom, *before.pixels.shape[:2])
    notes = tuple(note for _, note in outcome.notes)
    whole = _pair(before, after, made, "whole")
    part = _pair(before, after, made, "part", box) if box else None
    return Result(outcome.job.output, whole, part, notes)


def _ways(framing: Framing) -> dict[str, Framing]:
    """Return the framings that a page offers, in words, the given one first."""
    ways = {words: cast(Framing, replace(cast(Any, framing), **keys)) for words, keys in framing.ways.items()}
    if framing not in ways.values():
        ways = {"As asked for": framing, **ways}
    return dict(sorted(ways.items(), key=lambda way: way[1] != framing))


def _pair(
    before: Picture, after: Picture, made: Path, name: str, box: tuple[slice, slice] = np.s_[:, :]
) -> Pair:
    """Write both as PNG, without transparency, not larger than a screen, in the colours of their profile."""
    pair = made / f"{name}-before.png", made / f"{name}-after.png"
    for picture, path in zip((before, after), pair, strict=True):
        pixels = reduced(np.ascontiguousarray(to_8_bit(picture.pixels[box])), LARGEST)
        images.write(path, Picture(pixels, grey=picture.grey, full=picture.full, icc=picture.icc))
    return pair


def _without(made: Path, message: str) -> str:
    """Call files by their names: where they lie here is nobody's concern."""
    return message.replace(f"{made}{os.sep}", "").replace(f"{made.parent}{os.sep}", "")
