"""Recognition: whom of a gallery does a restored face look like?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restorekit import DataError, Metric, RestorekitError, read_image

from .faces import load_detector, load_recogniser
from .metrics import check_threshold
from .people import people_of

if TYPE_CHECKING:
    from restorekit import Array, Measure

Gallery = dict[str, "Array"]
"""By the person, SFace's vectors of all pictures in which a face is found."""


@dataclass(frozen=True)
class Recognition(Metric):
    """How often the right person is among the nearest of a gallery: 100 for a picture where it is, else 0.

    A person is as near as the nearest of that person's pictures. A restored picture in which no face is found is a
    miss. The first pictures of each person are left out of the gallery: they are what is looked for, and the truth of
    a picture must never be found there. The source ``people`` takes the same ones.

    Attributes:
        gallery: A folder with a folder for each person; with ``identities``, one that holds all pictures.
        top: How many people count as the nearest.
        identities: A text file of lines ``FILE PERSON``.
        listing: A text file that names the pictures of the gallery to keep, one per line.
        skip: How many pictures of each person are left out, the first by name.
        threshold: The least score of a face.
        detector: The ONNX file of YuNet; by default it is fetched from the Hub.
        recogniser: The ONNX file of SFace; by default it is fetched from the Hub.

    Raises:
        ValueError: ``top`` is below 1, ``skip`` negative, or ``threshold`` not between 0 and 1.
    """

    gallery: Path
    top: int = 1
    identities: Path | None = None
    listing: Path | None = None
    skip: int = 1
    threshold: float = 0.6
    detector: Path | None = None
    recogniser: Path | None = None

    unit: ClassVar[str] = "%"
    needs: ClassVar[tuple[str, ...]] = ("person",)

    def __post_init__(self) -> None:
        check_threshold(self.threshold)
        if self.top < 1 or self.skip < 0:
            raise ValueError(f"top must be at least 1 and skip at least 0, not {self.top} and {self.skip}")

    @property
    def definition(self) -> str:  # type: ignore[override]
        """What the number is."""
        nearest = "the nearest" if self.top == 1 else f"among the {self.top} nearest"
        return (
            f"share of the pictures whose person is {nearest} of the gallery by SFace's vectors, a person's nearest "
            f"picture counting; {self.skip} of each person left out of the gallery; a picture in which YuNet finds no "
            f"face with a score of {self.threshold:g} or more is a miss"
        )

    def build(self) -> Measure:
        """Load YuNet and SFace, and describe the gallery.

        Raises:
            RestorekitError: A file cannot be fetched, or no face is found in the gallery.
        """
        detect = load_detector(self.detector, self.threshold)
        describe = load_recogniser(self.recogniser)
        gallery = _gallery(
            self.gallery,
            self.identities,
            self.listing,
            self.skip,
            self.threshold,
            self.detector,
            self.recogniser,
        )

        def measure(picture: Array, person: str) -> float:
            if person not in gallery:
                raise RestorekitError(
                    f"no person called '{person}' in the gallery {self.gallery}",
                    "give a gallery with other pictures of every person in the test set",
                )
            face = detect(picture)
            if face is None:
                return 0.0
            vector = describe(picture, face)
            distances = {each: _nearest(vector, known) for each, known in gallery.items()}
            nearer = sum(distance < distances[person] for distance in distances.values())
            return 100.0 if nearer < self.top and distances[person] < np.inf else 0.0

        return measure


def _nearest(vector: Array, known: Array) -> float:
    """Return the least Euclidean distance to any of N vectors; infinite if there are none."""
    return float(np.linalg.norm(known - vector, axis=1).min()) if len(known) else np.inf


@lru_cache(maxsize=4)
def _gallery(
    path: Path,
    identities: Path | None,
    listing: Path | None,
    skip: int,
    threshold: float,
    detector: Path | None,
    recogniser: Path | None,
) -> Gallery:
    """Describe a gallery, once for all metrics that look into it."""
    detect, describe = load_detector(detector, threshold), load_recogniser(recogniser)
    found: Gallery = {}
    for person, names in people_of(path, identities, listing).items():
        pictures = (read_image(path / name) for name in names[skip:])
        faces = ((picture, detect(picture)) for picture in pictures)
        vectors = [describe(picture, face) for picture, face in faces if face is not None]
        if len(names) > skip:
            found[person] = np.array(vectors)
    if not any(len(vectors) for vectors in found.values()):
        raise DataError(
            f"no face is found in the gallery {path}", "give pictures of faces, more than one of each person"
        )
    return found
