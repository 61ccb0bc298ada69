"""Visitors and their photos: brought, restored, chosen of, downloaded; knows nothing of HTTP."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from restorekit.errors import RestorekitError
from restorekit.web import results, words
from restorekit.web.photo import Photo
from restorekit.web.studio import Stopped, Studio
from restorekit.web.work import Work

KEPT = 2**31
"""Bytes of all files that are kept; who brings more is refused. What is made of them may take as much again."""

HELD = 2**27
"""Pixels of the photos that are in memory; older ones are restored again when somebody asks for them."""

AWAY = 10
"""Seconds after which a visitor who does not listen has left."""


@dataclass(eq=False)
class Visit:
    """One open page.

    Attributes:
        model: What restores.
        way: What of a photo is restored.
        photos: By their ids, in the order in which they were brought.
        away: Since when it does not listen, in seconds; None while it does.
    """

    model: str
    way: str
    photos: dict[str, Photo] = field(default_factory=dict)
    away: float | None = field(default_factory=time.monotonic)


class Desk:
    """Keeps each visitor's photos, and restores them as ``restorekit deblur`` does.

    Whoever names a visitor, a photo or a part that is not there gets a KeyError.

    Args:
        folder: Where photos and results are kept until their visitor leaves.
        studio: What restores.
        failed: Told of errors that nobody expected.

    Attributes:
        folder: As given.
        studio: As given.
    """

    def __init__(
        self, folder: Path, studio: Studio, failed: Callable[[Exception], None] = lambda error: None
    ) -> None:
        self.folder, self.studio = folder, studio
        self._failed = failed
        self._work = Work()
        self._visits: dict[str, Visit] = {}
        self._held: list[Photo] = []
        self._coming: dict[Path, int] = {}  # by its folder, the bytes that a photo may have
        self._lock = threading.RLock()

    def open(self) -> None:
        """Make ready for the first visitor."""

        def warm() -> None:
            with suppress(RestorekitError):  # who brings a photo is told
                self.studio.warm()

        self._work.add(warm)

    def enter(self) -> str:
        """Let a visitor in, and give them a name that nobody guesses."""
        visitor = secrets.token_urlsafe(24)
        self._visits[visitor] = Visit(self.studio.models.names[0], self.studio.ways[0])
        return visitor

    def leave(self, visitor: str) -> None:
        """Delete a visitor's photos and all that was made of them."""
        with self._lock:
            visit = self._visits.pop(visitor, None)
        for photo in list(visit.photos.values()) if visit else ():
            self._drop(photo)

    def listens(self, visitor: str, there: bool) -> None:
        """Note that a visitor listens from now on, or no longer."""
        if there or visitor in self._visits:
            self._visits[visitor].away = None if there else time.monotonic()

    def sweep(self) -> None:
        """Let those leave who did not listen for a while."""
        now = time.monotonic()
        for visitor, visit in list(self._visits.items()):
            if visit.away is not None and now - visit.away > AWAY:
                self.leave(visitor)

    def state(self, visitor: str) -> dict[str, Any]:
        """Say how a visitor's photos are, as JSON has it."""
        visit = self._visits[visitor]
        photos = [photo.state() for photo in list(visit.photos.values())]
        return {"model": visit.model, "way": visit.way, "photos": photos}

    @contextmanager
    def place(self, visitor: str, name: str, most: int) -> Iterator[Path]:
        """Give a place for a photo that comes, to be written and then taken; if it is not taken it is deleted.

        Args:
            visitor: Whose it is.
            name: What it is called.
            most: Bytes that it may have, which are kept free for it as long as it comes.

        Raises:
            RestorekitError: Too much is kept already, or comes.
        """
        if visitor not in self._visits:
            raise KeyError(visitor)
        place = self.folder / secrets.token_hex(12)
        with self._lock:
            if self._kept() + most > KEPT:
                raise RestorekitError("too many photos are kept", "remove some first")
            self._coming[place] = most
        try:
            place.mkdir()
            yield place / name
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        finally:
            with self._lock:
                del self._coming[place]

    def take(self, visitor: str, path: Path) -> str:
        """Take a photo that was written to its place, have it restored, and return its id."""
        photo = Photo(path.parent.name, path)
        with self._lock:
            visit = self._visits[visitor]
            visit.photos[photo.id] = photo
        self._start(visit, photo)
        return photo.id

    def set(self, visitor: str, model: str, way: str) -> None:
        """Restore all of a visitor's photos with another model, or in another way.

        Raises:
            RestorekitError: The model cannot be loaded.
        """
        if model not in self.studio.models.names or way not in self.studio.ways:
            raise KeyError(model, way)
        visit = self._visits[visitor]
        visit.model, visit.way = model, way
        for photo in list(visit.photos.values()):
            with photo.lock:
                photo.forget()
                photo.chosen.clear()
                photo.found(())  # there may be others now
            self._start(visit, photo)

    def choose(self, visitor: str, photo: str, number: int, restore: bool) -> None:
        """Have a part restored, or left as it was, whatever was decided."""
        visit = self._visits[visitor]
        kept = visit.photos[photo]
        with kept.lock:
            if not 0 <= number < len(kept.parts):
                raise KeyError(number)
            kept.chosen[number] = restore
            self._start(visit, kept, urgent=True)

    def cancel(self, visitor: str, photo: str) -> None:
        """Stop restoring a photo."""
        kept = self._visits[visitor].photos[photo]
        with kept.lock:
            if kept.task is not None:
                kept.task, kept.course, kept.phase = None, None, "cancelled"

    def again(self, visitor: str, photo: str) -> None:
        """Restore a photo again."""
        visit = self._visits[visitor]
        self._start(visit, visit.photos[photo])

    def remove(self, visitor: str, photo: str) -> None:
        """Delete a photo and all that was made of it."""
        self._drop(self._visits[visitor].photos.pop(photo))

    def shown(self, visitor: str, photo: str, side: str, box: results.Box | None, most: int) -> bytes:
        """Return a part of a photo for a screen, as `results.shown` does."""
        with self._there(visitor, photo) as kept:
            return results.shown(kept, side, box, most)

    def written(self, visitor: str, photo: str, strength: float) -> Path:
        """Return the file of a restored photo, as `results.written` does; a clip is restored in full.

        Raises:
            RestorekitError: It cannot be written, or all that is kept would be too much.
        """
        if self._visits[visitor].photos[photo].container is not None:
            return self.played(visitor, photo, "after")
        with self._there(visitor, photo) as kept:
            if kept.restored is None:
                raise KeyError(photo)
            return self._fit(results.written(kept, strength))

    def played(self, visitor: str, photo: str, side: str) -> Path:
        """Return the file of a clip, before or after."""
        clip = self._visits[visitor].photos[photo]
        with clip.lock:
            return clip.path if side == "before" and clip.container is not None else clip.written[1.0]

    def packed(self, visitor: str, strength: float) -> Path:
        """Put all that is done into one file to download; of two of one name the second is numbered.

        Raises:
            RestorekitError: It cannot be written, or all that is kept would be too much.
        """
        done = [photo for photo in list(self._visits[visitor].photos.values()) if photo.phase == "done"]
        if not done:
            raise KeyError(visitor)
        path, names = done[0].path.parent / "restored.zip", set[str]()
        made = path.with_name(secrets.token_hex(12))  # the one before may still be on its way
        try:
            with ZipFile(
                made, "w", strict_timestamps=False
            ) as file:  # clocks may stand at 1970; all is compressed
                for number, photo in enumerate(done, 1):
                    output = self.written(visitor, photo.id, strength)
                    tried = (f"{n}.{output.name}" for n in itertools.count(number))
                    name = next(
                        each for each in itertools.chain([output.name], tried) if each.lower() not in names
                    )
                    names.add(name.lower())  # some disks take A.png for a.png
                    file.write(output, name)
            return self._fit(made).replace(path)
        finally:
            made.unlink(missing_ok=True)

    def _kept(self) -> int:
        """Return the bytes of all files, and of those that come."""
        with self._lock:
            return _bytes(self.folder, self._coming) + sum(self._coming.values())

    def _fit(self, made: Path) -> Path:
        """Return what was made; if all is too much with it, it is deleted and refused."""
        if self._kept() > 2 * KEPT:
            made.unlink()
            raise RestorekitError("too many photos are kept to make this file", "remove some first")
        return made

    @contextmanager
    def _there(self, visitor: str, photo: str) -> Iterator[Photo]:
        """Lock a photo that is in memory, or brought there again."""
        visit = self._visits[visitor]
        kept = visit.photos[photo]
        if kept.before is None and kept.phase == "done":
            self._start(visit, kept, urgent=True).result()
        with kept.lock:
            if kept.before is None:
                raise KeyError(photo)
            yield kept

    def _start(self, visit: Visit, photo: Photo, urgent: bool = False) -> Future[None]:
        task = object()
        with photo.lock:  # or what is just being put back would end this task
            photo.task, photo.course, photo.phase, photo.said = task, None, "waiting", []
        model, way = visit.model, visit.way
        return self._work.add(lambda: self._restore(photo, task, model, way), urgent)

    def _restore(self, photo: Photo, task: object, model: str, way: str) -> None:
        try:
            self.studio.restore(photo, task, model, way)
        except Stopped:
            return
        except Exception as error:
            with photo.lock:
                if photo.task is not task:
                    return
                if not isinstance(error, RestorekitError | OSError):
                    self._failed(error)
                photo.said = [words.of_error(error, f"{photo.path.parent}{os.sep}")]
                photo.task, photo.course, photo.phase = None, None, "failed"
        else:
            self._hold(photo)

    def _hold(self, photo: Photo) -> None:
        """Forget the photos that were restored longest ago, where all together are too large."""
        old: list[Photo] = []
        with self._lock:
            self._held = [each for each in self._held if each is not photo and each.pixels] + [photo]
            while len(self._held) > 1 and sum(each.pixels for each in self._held) > HELD:
                old.append(self._held.pop(0))
        for each in old:  # which may be on its way to a screen, and nobody else waits for that
            with each.lock:
                each.forget()

    def _drop(self, photo: Photo) -> None:
        photo.task = None
        with photo.lock:
            photo.forget()
            shutil.rmtree(photo.path.parent, ignore_errors=True)


def _bytes(folder: Path, without: Collection[Path]) -> int:
    """Return the bytes of all files but those of some folders; what is deleted meanwhile counts nothing."""
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names if Path(place) not in without else ():
            try:
                sizes.append(os.stat(os.path.join(place, name)).st_size)
            except OSError:
                continue
    return sum(sizes)
