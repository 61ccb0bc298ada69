"""From the paths that were named to pictures: files, folders and patterns.

``os.path`` asks about files here: pathlib raises where a path is too long or may not be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path

from restorekit.errors import ImageError
from restorekit.images import SUFFIXES

_OWN_ENDINGS = (".deblurred", ".compare")


@dataclass(frozen=True)
class Found:
    """A picture that was named, or lies in a folder that was.

    Attributes:
        path: Where it lies.
        place: Where it goes below an output folder: its name, or its way down from the folder that was named.
    """

    path: Path
    place: Path


def find_pictures(
    path: Path, recursive: bool = False, leave_out: Path | None = None
) -> Iterator[Found | ImageError]:
    """List the pictures that a path stands for, in the order of their names, and what is wrong, where it is found.

    A folder gives its pictures without those that an earlier run wrote, hidden ones, and folders that are links. A
    file stands for itself, even if there is none; a pattern that names no file for those that it matches.

    Args:
        path: A file, a folder, or a pattern such as ``*.jpg`` or ``**/*.jpg``.
        recursive: Whether to look into the folders of a folder too.
        leave_out: A folder that is not looked into on the way down: the one that is written to.
    """
    if os.path.isdir(path):
        yield from _in_folder(path, recursive, leave_out)
    elif has_magic(str(path)) and not os.path.lexists(path):
        yield from _matching(path, recursive, leave_out)
    else:
        yield Found(path, Path(path.name))


def _matching(pattern: Path, recursive: bool, leave_out: Path | None) -> Iterator[Found | ImageError]:
    matches = [Path(name) for name in sorted(glob(str(pattern), recursive=True))]
    start = Path(*takewhile(lambda part: not has_magic(part), pattern.parts))
    if leave_out is not None and not _lies_in(start, leave_out):
        matches = [match for match in matches if not _lies_in(match, leave_out)]
    if not any(os.path.isdir(match) or _is_picture(match) for match in matches):
        yield ImageError(f"{pattern}: no picture matches", f"it takes {', '.join(SUFFIXES)}")
    for match in matches:
        if os.path.isdir(match):
            yield from _in_folder(match, recursive, leave_out)
        elif _is_picture(match):
            yield Found(match, Path(match.name))


def _in_folder(root: Path, recursive: bool, leave_out: Path | None) -> Iterator[Found | ImageError]:
    refused: list[OSError] = []
    empty = True
    for name, folders, files in os.walk(root, onerror=refused.append):
        folder = Path(name)
        deeper = [each for each in sorted(folders) if not each.startswith(".")]
        folders[:] = [
            each
            for each in deeper
            if recursive and (leave_out is None or (folder / each).resolve() != leave_out)
        ]
        for path in map(folder.joinpath, sorted(files)):
            if _is_picture(path):
                empty = False
                yield Found(path, path.relative_to(root))
    for error in refused:
        empty = False
        yield ImageError(f"{error.filename}: cannot be read ({error.strerror})", "check its permissions")
    if empty:
        hint = f"it takes {', '.join(SUFFIXES)}"
        yield ImageError(
            f"{root}: no picture in this folder", hint if recursive else f"{hint}; -r looks deeper"
        )


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(folder)


def _is_picture(path: Path) -> bool:
    own = path.name.startswith(".") or path.stem.endswith(_OWN_ENDINGS)
    return path.suffix.lower() in SUFFIXES and not own and os.path.isfile(path)
