"""What restores the photos of the page: models, ways, and how long they take."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, cast

import numpy as np

from restorekit import images
from restorekit.framing import Framing
from restorekit.restore.draft import Draft, Look
from restorekit.restore.frames import Frames
from restorekit.restore.memory import in_memory
from restorekit.restore.pictures import compute
from restorekit.restore.steady import Steady, Tile
from restorekit.web import words
from restorekit.web.choice import Models
from restorekit.web.clip import restore_clip
from restorekit.web.photo import Photo
from restorekit.web.work import Course, Pace

_SIDES = 128, 500
"""Sides of the pictures by which the speed of a model, and of looking at a picture, is measured; pixels."""


class Stopped(Exception):
    """Nobody wants it any more."""


class Studio:
    """Restores photos, for one thread at a time.

    Args:
        models: What restores.
        framing: What of a photo is restored, to begin with.
        tile: Longest side of a tile in pixels.
        max_pixels: The largest picture that is read.

    Attributes:
        models: As given.
        ways: What of a photo may be restored, in words; the one to begin with is first.
    """

    def __init__(self, models: Models, framing: Framing, tile: Tile, max_pixels: int) -> None:
        self.models = models
        self._noun, self._tile, self._max_pixels = framing.parts, tile, max_pixels
        self._framings = _ways(framing)
        self.ways = list(self._framings)
        self._keys = {
            f"{key}={value}": way for way, keys in framing.ways.items() for key, value in keys.items()
        }
        self._ready: dict[tuple[str, str], tuple[Steady, Look]] = {}
        self._paces: dict[str, Pace] = {}
        self._looking = Pace()

    def warm(self) -> None:
        """Load what the first photo will need, and measure how long the model takes."""
        model = self.models.names[0]
        steady, look = self._prepare(model, self.ways[0])
        small, larger = (np.zeros((side, side, 3), np.uint8) for side in _SIDES)
        for pace, pixels, call in (
            (self._looking, larger, look),
            (self._pace(model), small, lambda pixels: steady.pixels(pixels[None])),
        ):
            call(pixels)  # the first time it takes longer
            begun = time.monotonic()
            call(pixels)
            pace.learn(pixels.size // 3, time.monotonic() - begun)

    def restore(self, photo: Photo, task: object, model: str, way: str) -> None:
        """Restore a photo; what was computed before stays.

        Args:
            photo: The photo.
            task: Its task, as long as it is wanted.
            model: One of the models' names.
            way: One of ``ways``.

        Raises:
            Stopped: The photo has another task.
            RestorekitError: It cannot be restored.
        """
        _check(photo, task)
        with in_memory(photo.name):
            if photo.container is not None:
                return restore_clip(photo, lambda: self._frames(model, way), lambda: _check(photo, task))
            draft = photo.draft
            if draft is None:
                draft = self._look(photo, task, model, way)
            self._compute(photo, task, draft, model, way)

    def _look(self, photo: Photo, task: object, model: str, way: str) -> Draft:
        photo.phase = "reading"
        picture = images.read(photo.path, self._max_pixels)
        _check(photo, task)
        photo.saw(picture)
        _, look = self._prepare(model, way)
        begun = time.monotonic()
        photo.course, photo.phase = Course(photo.pixels, self._looking, begun), "looking"
        draft = Draft(picture, look)
        self._looking.learn(photo.pixels, time.monotonic() - begun)
        with photo.lock:
            _check(photo, task)
            photo.draft = draft
            photo.found(draft.found)
        return draft

    def _compute(self, photo: Photo, task: object, draft: Draft, model: str, way: str) -> None:
        steady, _ = self._prepare(model, way)
        chosen = dict(photo.chosen)
        lacking = [draft.windows[i] for i in draft.lacks(chosen)]
        begun, pixels = time.monotonic(), sum(window.size // 3 for window in lacking)
        photo.course = course = Course(pixels, self._pace(model), begun)
        photo.phase = "restoring"

        def tell(done: int, tiles: int) -> None:
            _check(photo, task)  # nobody waits for the other tiles
            if len(lacking) == 1:  # else each batch of parts tells of itself
                course.tell(done, tiles, time.monotonic())

        compute(steady, [draft], tell, chosen)
        if pixels:
            self._pace(model).learn(pixels, time.monotonic() - begun)
        with photo.lock:
            _check(photo, task)
            restored = draft.put_back(chosen)
            photo.restored, photo.written = restored, {}
            photo.found((restored.parts or ()) if draft.looked else (), done=True)
            photo.said = words.of_photo(draft, restored, self._noun, self._keys)
            photo.version += 1
            photo.task, photo.course, photo.phase = None, None, "done"

    def _prepare(self, model: str, way: str) -> tuple[Steady, Look]:
        """Load a model, and what looks at photos for it, once."""
        if (model, way) not in self._ready:
            restorer = self.models.load(model)
            self._ready[model, way] = Steady(restorer, self._tile), self._framings[way].build(restorer)
        return self._ready[model, way]

    def _frames(self, model: str, way: str) -> Frames:
        restorer = self.models.load(model)
        about = {"model": model, "way": way}
        return Frames(Steady(restorer, self._tile), self._framings[way].follow(restorer), about)

    def _pace(self, model: str) -> Pace:
        return self._paces.setdefault(model, Pace())


def _check(photo: Photo, task: object) -> None:
    if photo.task is not task:
        raise Stopped


def _ways(framing: Framing) -> dict[str, Framing]:
    """Return the framings that a page offers, in words, the given one first."""
    ways = {words: cast(Framing, replace(cast(Any, framing), **keys)) for words, keys in framing.ways.items()}
    if framing not in ways.values():
        ways = {"As asked for": framing, **ways}
    return dict(sorted(ways.items(), key=lambda way: way[1] != framing))
