"""What the page does with a photo; knows nothing of Gradio."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

import numpy as np

from restorekit import images
from restorekit.errors import RestorekitError
from restorekit.images import Picture, reduced
from restorekit.images.formats import format_of
from restorekit.images.picture import to_8_bit
from restorekit.restore.batch import Outcome, restore_files
from restorekit.restore.compare import LARGEST, around_face
from restorekit.restore.finder import FaceFinder
from restorekit.restore.jobs import Job
from restorekit.restore.steady import Steady, Tile
from restorekit.restore.tiles import Progress
from restorekit.web.choice import Models

Faces = Literal["auto", "only", "off"]
Pair = tuple[Path, Path]
"""Before and after, as PNG for a screen."""


@dataclass(frozen=True)
class Result:
    """What became of a photo.

    Attributes:
        output: The restored photo, in the format of the input.
        whole: All of it, before and after.
        face: Its largest restored face, before and after, where that is small in the photo.
        notes: What the user should know.
    """

    output: Path
    whole: Pair
    face: Pair | None
    notes: tuple[str, ...]


class Desk:
    """Keeps one photo for each visitor, and restores it as ``restorekit deblur`` does.

    Args:
        folder: Where photos and results are kept until their visitor leaves.
        models: What restores.
        detector: YuNet's file; None takes the Hub's.
        tile: Longest side of a tile in pixels.
        max_pixels: The largest picture that is read.
    """

    def __init__(
        self,
        folder: Path,
        models: Models,
        detector: Path | None = None,
        tile: Tile = "auto",
        max_pixels: int = images.MAX_PIXELS,
    ) -> None:
        self.models = models
        self._folder = folder
        self._tile = tile
        self._max_pixels = max_pixels
        self._finders = {only: FaceFinder(only, detector) for only in (False, True)}
        self._photos: dict[str, Path] = {}
        self._lock = threading.Lock()

    def take(self, visitor: str, upload: Path) -> None:
        """Move a visitor's new photo here; the one before it is deleted, with all that was made of it."""
        self.leave(visitor)
        photo = Path(mkdtemp(dir=self._folder), upload.name)
        shutil.move(upload, photo)
        with self._lock:
            self._photos[visitor] = photo

    def leave(self, visitor: str) -> None:
        """Delete a visitor's photo and all that was made of it; one without any may leave too."""
        with self._lock:
            photo = self._photos.pop(visitor, None)
        if photo is not None:
            shutil.rmtree(photo.parent, ignore_errors=True)

    def has_photo(self, visitor: str) -> bool:
        """Whether there is something to restore."""
        return visitor in self._photos

    def restore(
        self,
        visitor: str,
        model: str,
        faces: Faces,
        strength: float,
        progress: Progress = lambda done, tiles: None,
    ) -> Result:
        """Restore a visitor's photo.

        Args:
            visitor: Who has a photo here.
            model: One of the models' names.
            faces: As ``--faces``.
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
            outcome = self._outcome(photo, made, model, faces, strength, tell)
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
        self, photo: Path, made: Path, model: str, faces: Faces, strength: float, progress: Progress
    ) -> Outcome:
        format_of(photo)  # before anything is computed
        finder = None if faces == "off" else self._finders[faces == "only"]

        def start() -> Steady:
            restorer = self.models.load(model)
            if finder is not None:
                finder.prepare(restorer)
            return Steady(restorer, self._tile, strength)

        job = Job(photo, made / f"{photo.stem}.deblurred{photo.suffix}")
        jobs = restore_files([job], start, finder, self._max_pixels, lambda _, *tiles: progress(*tiles))
        outcome = next(iter(jobs))
        if outcome.error is not None:
            raise outcome.error
        return outcome


def _result(outcome: Outcome, made: Path) -> Result:
    assert outcome.picture is not None and outcome.restored is not None  # there is no error
    before, after = outcome.picture, outcome.restored.picture
    box = outcome.restored.zoom and around_face(outcome.restored.zoom, *before.pixels.shape[:2])
    notes = tuple(note for _, note in outcome.notes)
    whole = _pair(before, after, made, "whole")
    face = _pair(before, after, made, "face", box) if box else None
    return Result(outcome.job.output, whole, face, notes)


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
