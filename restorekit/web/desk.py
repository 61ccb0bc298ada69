"""What the page does with a photo; knows nothing of Gradio."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast
from zipfile import ZipFile

import numpy as np

from restorekit import images
from restorekit.errors import RestorekitError
from restorekit.framing import Framing
from restorekit.images import Picture, reduced
from restorekit.images.formats import format_of
from restorekit.images.picture import to_8_bit
from restorekit.restore.batch import Outcome, restore_files
from restorekit.restore.compare import LARGEST, around
from restorekit.restore.draft import Look
from restorekit.restore.enlarge import enlarged
from restorekit.restore.jobs import Job
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
    """Keeps each visitor's photos, and restores them as ``restorekit deblur`` does.

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
        self._words = {
            f"{key}={value}": f"'{words}'"
            for words, keys in framing.ways.items()
            for key, value in keys.items()
        }
        self.ways = list(self._framings)
        self._looks: dict[tuple[str, str], Look] = {}
        self._photos: dict[str, list[Path]] = {}
        self._lock = threading.Lock()

    def take(self, visitor: str, *uploads: Path) -> None:
        """Copy a visitor's new photos here; those before are deleted, with all that was made of them.

        The uploads stay for a while (`sweep`): another visitor who brings the same photo is given the same file.

        Raises:
            OSError: One is not there, or there is no room.
        """
        self.leave(visitor)
        self._kept.mkdir(exist_ok=True)
        photos = []
        for upload in uploads:
            photos.append(Path(mkdtemp(dir=self._kept), upload.name))
            shutil.copyfile(upload, photos[-1])
        with self._lock:
            self._photos[visitor] = photos

    def leave(self, visitor: str) -> None:
        """Delete a visitor's photos and all that was made of them; one without any may leave too."""
        with self._lock:
            photos = self._photos.pop(visitor, [])
        for photo in photos:
            shutil.rmtree(photo.parent, ignore_errors=True)

    def sweep(self) -> None:
        """Delete uploads that came a while ago: they are copied as soon as they are there, or not wanted."""
        for place, folders, names in os.walk(self.folder):  # which passes over folders that are gone
            folders[:] = [name for name in folders if Path(place, name) != self._kept]
            for file in (Path(place, name) for name in (*names, *folders)):
                with suppress(OSError):  # deleted meanwhile, or a folder that is not empty
                    if time.time() - file.stat().st_mtime > UPLOADED:
                        file.unlink() if file.is_file() else file.rmdir()

    def photos(self, visitor: str) -> list[str]:
        """The names of a visitor's photos."""
        return [photo.name for photo in self._photos.get(visitor, [])]

    def restore(
        self,
        visitor: str,
        model: str,
        way: str,
        strength: float,
        progress: Progress = lambda done, tiles: None,
        number: int = 0,
    ) -> Result:
        """Restore one of a visitor's photos.

        Args:
            visitor: Who has photos here.
            model: One of the models' names.
            way: One of ``ways``.
            strength: Share of the change that is made, in [0, 1].
            progress: Told of the tiles that are done, and all of them.
            number: Which of the photos, from 0.

        Raises:
            RestorekitError: It cannot be restored; the photo is called by its name, without its place here.
        """
        photo = self._photos[visitor][number]

        def tell(done: int, tiles: int) -> None:
            self._check(visitor, photo)  # nobody waits for the other tiles
            progress(done, tiles)

        made = Path(mkdtemp(dir=photo.parent))  # a new place each time, as browsers keep what an address gave
        try:
            outcome = self._outcome(photo, made, model, way, strength, tell)
            result = _result(outcome, made)
            result = replace(result, notes=tuple(map(self._in_words, result.notes)))
            self._check(visitor, photo)
        except RestorekitError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise RestorekitError(_without(made, error.message), error.hint) from None
        finally:
            if photo not in self._photos.get(visitor, []):  # what was written since is deleted, too
                shutil.rmtree(photo.parent, ignore_errors=True)
        for old in photo.parent.iterdir():
            if old not in (photo, made):
                shutil.rmtree(old, ignore_errors=True)
        return result

    def packed(self, visitor: str, results: Sequence[Result]) -> Path:
        """Put restored photos into one file to download; of two of one name the second is numbered.

        Raises:
            RestorekitError: The visitor has left.
            OSError: There is no room.
        """
        photos = self._photos.get(visitor)
        if not photos:
            raise RestorekitError("the page was closed")
        path, names = Path(mkdtemp(dir=photos[0].parent), "restored.zip"), set[str]()
        with ZipFile(path, "w") as file:  # pictures are compressed already
            for number, result in enumerate(results, 1):
                name = result.output.name
                name = f"{number}.{name}" if name in names else name
                names.add(name)
                file.write(result.output, name)
        return path

    def _in_words(self, note: str) -> str:
        """Call keys of the framing as the page does."""
        for key, words in self._words.items():
            note = note.replace(key, words)
        return note

    def _check(self, visitor: str, photo: Path) -> None:
        if photo not in self._photos.get(visitor, []):
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
