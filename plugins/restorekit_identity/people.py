"""Pictures of people, with who they are: as a source, and as the gallery that they are looked for in."""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from restorekit import DataError, Item, Source, read_image, read_text

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def people_of(
    path: Path, identities: Path | None = None, listing: Path | None = None
) -> dict[str, list[str]]:
    """Return the pictures of each person, by the person, all sorted.

    Args:
        path: A folder with a folder for each person; with ``identities``, one that holds all pictures.
        identities: A text file of lines ``FILE PERSON``, such as CelebA's ``identity_CelebA.txt``.
        listing: A text file that names the pictures to keep, one per line, relative to ``path``.

    Raises:
        DataError: A folder or file cannot be read, or there is nobody.
    """
    if not path.is_dir():
        raise DataError(f"no folder {path}", "give the folder of the people's pictures")
    if identities is None:
        files = (file for file in path.glob("*/*") if file.suffix.lower() in SUFFIXES)
        rows = [(file.relative_to(path).as_posix(), file.parent.name) for file in files]
    else:
        rows = [(name, person) for name, person in _rows(identities) if (path / name).is_file()]
    kept = None if listing is None else {name for name, *_ in _lines(listing)}
    found: dict[str, list[str]] = defaultdict(list)
    for name, person in sorted(rows):
        if kept is None or name in kept:
            found[person].append(name)
    if not found:
        raise DataError(
            f"no person in {path}", "give a folder for each person, or a file that says who is who"
        )
    return dict(sorted(found.items()))


def _rows(identities: Path) -> list[tuple[str, str]]:
    rows = _lines(identities)
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise DataError(
                f"{identities}:{number}: not a file and a person", "write FILE PERSON on each line"
            )
    return [(row[0], row[1]) for row in rows]


def _lines(file: Path) -> list[list[str]]:
    try:
        text = read_text(file, 2**28)
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read ({error})", "give a text file") from None
    return [line.split() for line in text.splitlines() if line.strip()]


@dataclass(frozen=True)
class People(Source):
    """Pictures of people, each with the label ``person``: those that are looked for in a gallery of the others.

    Attributes:
        path: A folder with a folder for each person; with ``identities``, one that holds all pictures.
        identities: A text file of lines ``FILE PERSON``, such as CelebA's ``identity_CelebA.txt``.
        listing: A text file that names the pictures to keep, one per line.
        first: How many pictures of each person, the first by name; 0 for all.

    Raises:
        ValueError: ``first`` is negative.
    """

    path: Path
    identities: Path | None = None
    listing: Path | None = None
    first: int = 1

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError(f"first must be a number of pictures, or 0 for all, not {self.first}")

    @functools.cached_property
    def _pictures(self) -> list[tuple[str, str]]:
        people = people_of(self.path, self.identities, self.listing)
        return [(person, name) for person, names in people.items() for name in names[: self.first or None]]

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Item:
        person, name = self._pictures[index]
        return Item(read_image(self.path / name), name, labels={"person": person})
