"""From the paths that were named to pictures: files, folders and patterns.

``os.path`` asks about files here: pathlib raises where a path is too long or may not be looked at.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path

from restorekit.errors import ImageError
from restorekit.extras import install, installed
from restorekit.images import RAW_SUFFIXES
from restorekit.restore.clips import readable, takes

MARKS = ("deblurred", "restored", "compare")
"""What the names of written pictures have before their ending; such files are never inputs."""

_WRITTEN = "written by an earlier run"


@dataclass(frozen=True)
class Found:
    """A picture that was named, or lies in a folder that was.

    Attributes:
        path: Where it lies.
        place: Where it goes below an output folder: its name, or its way down from the folder that was named.
    """

    path: Path
    place: Path


@dataclass(frozen=True)
class LeftOut:
    """What is there and not taken for a picture.

    Attributes:
        path: The file, or the folder or pattern that it is in.
        why: What is left out, and why, in a few words.
    """

    path: Path
    why: str


def find_pictures(
    path: Path, recursive: bool = False, output: Path | None = None
) -> Iterator[Found | LeftOut | ImageError]:
    """List the pictures that a path stands for, in the order of their names, what is left out, and what is wrong.

    A folder gives its pictures without those that an earlier run wrote, hidden ones, and folders that are links. A
    file stands for itself, even if there is none; a pattern that names no file for those that it matches.

    Args:
        path: A file, a folder, or a pattern such as ``*.jpg`` or ``**/*.jpg``.
        recursive: Whether to look into the folders of a folder too.
        output: A folder that is not looked into on the way down: the one that is written to.
    """
    if os.path.isdir(path):
        yield from _in_folder(path, recursive, output)
    elif has_magic(str(path)) and not os.path.lexists(path):
        yield from _matching(path, recursive, output)
    elif _is_written(path):
        yield LeftOut(path, f"left out: {_WRITTEN}")
    else:
        yield Found(path, Path(path.name))


def _matching(pattern: Path, recursive: bool, output: Path | None) -> Iterator[Found | LeftOut | ImageError]:
    matches = [Path(name) for name in sorted(glob(str(pattern), recursive=True))]
    start = Path(*takewhile(lambda part: not has_magic(part), pattern.parts))
    if output is not None and not _lies_in(start, output):
        matches = [match for match in matches if not _lies_in(match, output)]
    if not any(os.path.isdir(match) or not _fault(match) for match in matches):
        yield ImageError(f"{pattern}: no picture matches", takes())
    faults: Counter[str] = Counter()
    for match in matches:
        if os.path.isdir(match):
            yield from _in_folder(match, recursive, output)
        elif fault := _fault(match):
            faults[fault] += 1
        else:
            yield Found(match, Path(match.name))
    yield from _left_out(pattern, faults)


def _in_folder(root: Path, recursive: bool, output: Path | None) -> Iterator[Found | LeftOut | ImageError]:
    refused: list[OSError] = []
    faults: Counter[str] = Counter()
    pictures = 0
    for name, folders, files in os.walk(root, onerror=refused.append):
        folder = Path(name)
        faults += Counter(fault for each in folders if (fault := _folder_fault(folder / each, recursive)))
        folders[:] = [
            each
            for each in sorted(folders)
            if not _folder_fault(folder / each, recursive)
            and (output is None or (folder / each).resolve() != output)
        ]
        for path in map(folder.joinpath, sorted(files)):
            if fault := _fault(path):
                faults[fault] += 1
            else:
                pictures += 1
                yield Found(path, path.relative_to(root))
    for error in refused:
        yield ImageError(f"{error.filename}: cannot be read ({error.strerror})", "check its permissions")
    if not pictures and not refused:
        hint = takes()
        deeper = "" if recursive else "; recursive=true looks deeper"
        yield ImageError(f"{root}: no picture in this folder", hint + deeper)
    yield from _left_out(root, faults)


def _left_out(path: Path, faults: Counter[str]) -> Iterator[LeftOut]:
    if faults:
        yield LeftOut(path, "left out: " + ", ".join(f"{faults[each]} {each}" for each in sorted(faults)))


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(folder)


def _is_written(path: Path) -> bool:
    return path.stem.endswith(tuple(f".{mark}" for mark in MARKS)) and os.path.isfile(path)


def _fault(path: Path) -> str:
    """Say why a file in a folder is not taken; empty for one that is."""
    if path.name.startswith("."):
        return "hidden"
    if path.suffix.lower() not in readable():
        return f"that end in {path.suffix.lower()}" if path.suffix else "without an ending"
    if path.suffix.lower() in RAW_SUFFIXES and not installed("rawpy"):
        return f"camera raw, which needs {install('raw')}"
    if not os.path.isfile(path):
        return "that are no files"
    return _WRITTEN if _is_written(path) else ""


def _folder_fault(path: Path, recursive: bool) -> str:
    """Say why a folder is not looked into; empty for one that is."""
    if path.name.startswith("."):
        return "hidden"
    if os.path.islink(path):
        return "links to folders"
    return "" if recursive else "folders below"
