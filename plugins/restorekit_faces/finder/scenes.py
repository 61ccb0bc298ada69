"""Scenes to train a face finder on."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from restorekit import DataError, Item, Source, read_text
from restorekit_faces.celeba import CELEBA_SIZE, EYES
from restorekit_faces.finder.compose import lay, mask, recolour, shrink, similarity
from restorekit_faces.geometry import SHAPE

if TYPE_CHECKING:
    from restorekit import Array

_SWAPPED = [1, 0, 2, 4, 3]
_APART = 1.7
"""Between two faces, in the sum of their eye distances."""

_GREY = 0.12
"""How many scenes are grey."""

_OCCLUDED = 0.12
"""How many faces have something before them."""

_TURNS = (0.55, 0.35, 0.1)
"""How many faces are about upright, turned by up to 60 degrees, and turned by any angle."""


@dataclass(frozen=True)
class Scenes(Source):
    """Faces in CelebA's alignment, laid over photos at every size, turn and place; a scene is drawn from its number.

    A scene is a part of a photo. Pieces of other photos lie over it, then faces, both under masks of the same kinds, so
    that no edge gives a face away; colours and brightness differ from face to face and from scene to scene. Half of
    the faces are about upright, a quarter turned by up to 60 degrees, a quarter by any angle. Its labels are ``faces``:
    M,5,2 float32, x and y of the eyes, the nose and the corners of the mouth from the middle of the scene, the left of
    the upright face first. So it is cut by the crop ``center``, and blurred by the recipe.

    Attributes:
        faces: The faces, a table of its own with a type: 178 x 218 pixels, as CelebA's.
        photos: What they are laid over, and should show no faces, a table of its own with a type.
        landmarks: The five points of the faces, in the form of CelebA's list_landmarks_align_celeba.txt; those of the
            mean face where it does not list one.
        side: Side of a scene, pixels.
        scenes: How many there are.
        eyes: Least and greatest distance of the eyes, pixels.
        most: Faces in a scene at most; 0 to that many are equally likely.
        seed: Where the scenes are drawn from.

    Raises:
        ValueError: A field is out of its range.
    """

    faces: Source
    photos: Source
    landmarks: Path | None = None
    side: int = 112
    scenes: int = 100_000
    eyes: tuple[float, float] = (5.0, 15.0)
    most: int = 6
    seed: int = 0

    def __post_init__(self) -> None:
        if self.side < 16 or self.scenes < 1 or self.most < 0 or self.seed < 0:
            raise ValueError("side must be at least 16, scenes at least 1, most and seed at least 0")
        if not 2 <= self.eyes[0] <= self.eyes[1]:
            raise ValueError(f"eyes must be [least, greatest] from 2 on, not {list(self.eyes)}")

    def __len__(self) -> int:
        return self.scenes

    def __getitem__(self, index: int) -> Item:
        rng = np.random.default_rng([self.seed, index])
        scene, found = self._ground(rng), []
        for _ in range(rng.integers(3)):
            self._lay_other(rng, scene, rng.uniform(0, self.side, 2), self._eye(rng))
        places: list[tuple[Array, float]] = []
        for _ in range(rng.integers(self.most + 1)):
            middle, eye = rng.uniform(0, self.side, 2), self._eye(rng)
            if all(math.dist(middle, at) > _APART * (eye + its) for at, its in places):
                places.append((middle, eye))
                found.append(self._lay_face(rng, scene, middle, eye))
                if rng.random() < _OCCLUDED:
                    beside = middle + eye * rng.choice([-1, 1], 2) * rng.uniform(1.2, 2, 2)
                    self._lay_other(rng, scene, beside, eye / 2)
        scene = recolour(rng, scene, 0.3)
        if rng.random() < _GREY:
            scene = np.repeat(
                scene.mean(axis=2, dtype=np.float32, keepdims=True).round().astype(np.uint8), 3, axis=2
            )
        points = np.array(found, np.float32).reshape(-1, 5, 2) - np.float32((self.side - 1) / 2)
        return Item(scene, id=f"scene-{index}", labels={"faces": points})

    def _eye(self, rng: np.random.Generator) -> float:
        return math.exp(rng.uniform(*np.log(self.eyes)))

    def _ground(self, rng: np.random.Generator) -> Array:
        """Draw a square of a photo, of any size, at the scene's."""
        import cv2

        photo = _photo(self.photos, int(rng.integers(len(self.photos))))
        shorter = min(photo.shape[:2])
        least = min(self.side / 2, shorter)
        cut = int(math.exp(rng.uniform(math.log(least), math.log(shorter))))
        top, left = (int(rng.integers(extent - cut + 1)) for extent in photo.shape[:2])
        part = np.rot90(photo[top : top + cut, left : left + cut], rng.choice(4, p=[0.7, 0.1, 0.1, 0.1]))
        mode = cv2.INTER_AREA if cut > self.side else cv2.INTER_LINEAR
        ground: Array = cv2.resize(
            np.ascontiguousarray(part[:, :: rng.choice([-1, 1])]), (self.side, self.side), interpolation=mode
        )
        return ground

    def _lay_other(self, rng: np.random.Generator, scene: Array, middle: Array, eye: float) -> None:
        """Lay a piece of a photo over the scene, about as large as a face with such eyes."""
        photo = _photo(self.photos, int(rng.integers(len(self.photos))))
        top, left = (
            int(rng.integers(max(extent - side, 0) + 1))
            for extent, side in zip(photo.shape, CELEBA_SIZE, strict=False)
        )
        height, width = CELEBA_SIZE
        piece, factor = shrink(photo[top : top + height, left : left + width], eye / _EYES)
        piece, eyes = recolour(rng, piece, 0.4), _EYES / factor
        centre = np.array([piece.shape[1] - 1, piece.shape[0] - 1]) / 2
        reach = eyes * rng.uniform(1.2, 2.4), eyes * rng.uniform(1.2, 2.6)
        matrix = similarity(eye / eyes, rng.uniform(-math.pi, math.pi), 1, centre, middle)
        lay(scene, piece, mask(rng, piece.shape[:2], centre, reach), matrix)

    def _lay_face(self, rng: np.random.Generator, scene: Array, middle: Array, eye: float) -> Array:
        """Lay a face over the scene; return its points there, 5,2."""
        item = self.faces[int(rng.integers(len(self.faces)))]
        if item.sharp.shape[:2] != CELEBA_SIZE:
            raise DataError(f"{item.id}: not 178 x 218 pixels, the size of CelebA's alignment", "align it")
        pixels, points = item.sharp, self._landmarks.get(item.id, _MEAN)
        if rng.random() < 0.5:
            pixels, points = pixels[:, ::-1], points[_SWAPPED] * (-1, 1) + (pixels.shape[1] - 1, 0)
        pixels, factor = shrink(pixels, eye / _EYES)
        points = (points + 0.5) / factor - 0.5
        apart, centre = math.dist(points[0], points[1]), points.mean(axis=0)
        matrix = similarity(eye / apart, _turn(rng), math.exp(rng.normal(0, 0.06)), centre, middle)
        reach = apart * rng.uniform(1.4, 2.6), apart * rng.uniform(1.8, 3)
        lay(scene, recolour(rng, pixels, 0.4), mask(rng, pixels.shape[:2], centre, reach), matrix)
        laid: Array = points @ matrix[:, :2].T + matrix[:, 2]
        return laid

    @functools.cached_property
    def _landmarks(self) -> dict[str, Array]:
        """The points of each face by its id.

        Raises:
            DataError: The file cannot be read, or has another form.
        """
        if self.landmarks is None:
            return {}
        try:
            rows = [line.split() for line in read_text(self.landmarks, 2**28).splitlines()[2:]]
            return {name: np.array(points, float).reshape(5, 2) for name, *points in rows}
        except (OSError, ValueError):
            form = "the form of CelebA's list_landmarks_align_celeba.txt"
            raise DataError(
                f"{self.landmarks} is not readable, or not in {form}", "give such a file"
            ) from None


_EYES = EYES["right_eye"][0] - EYES["left_eye"][0]
_MEAN = np.array([(EYES["left_eye"][0] + EYES["right_eye"][0]) / 2, EYES["left_eye"][1]]) + SHAPE * _EYES
"""The points of the mean face in CelebA's alignment."""


def _turn(rng: np.random.Generator) -> float:
    """Draw by how much a face is turned, radians."""
    return float(
        rng.choice(
            [rng.normal(0, 0.25), rng.uniform(-1, 1) * math.pi / 3, rng.uniform(-1, 1) * math.pi], p=_TURNS
        )
    )


@functools.lru_cache(maxsize=256)
def _photo(photos: Source, number: int) -> Array:
    """Read a photo; each serves many scenes."""
    return photos[number].sharp
