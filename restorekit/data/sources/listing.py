"""Which pictures lie in a folder; quick also where there are hundreds of thousands."""

from __future__ import annotations

import os
from pathlib import Path

from restorekit.errors import DataError
from restorekit.images import SUFFIXES
from restorekit.reading import LISTING, read_text


def list_pictures(folder: Path) -> list[str]:
    """Return the pictures of a folder and the folders below it, relative to it, sorted by path.

    Hidden files and folders are left out, such as the ``._NAME.jpg`` that some systems add; links to folders are
    not followed.

    Raises:
        DataError: There is no such folder, it holds no picture, or a folder in it cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"no folder {folder}", "give the folder of the images")
    found: list[str] = []
    below = [""]
    while below:
        inside = below.pop()
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:  # it knows files from folders without asking for each
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        below.append(f"{inside}{name}/")
                    elif name.lower().endswith(SUFFIXES) and entry.is_file():
                        found.append(inside + name)
        except OSError as error:
            raise DataError(
                f"{folder / inside}: cannot be listed ({error.strerror})", "check its permissions"
            ) from None
    if not found:
        raise DataError(f"no pictures in {folder}", f"put {', '.join(sorted(SUFFIXES))} files there")
    return sorted(found, key=_parts)


def read_listing(listing: Path, folder: Path) -> list[str]:
    """Return the pictures of a folder that a text file names, one per line, relative to the folder, sorted by path.

    Raises:
        DataError: The file cannot be read or names none, or a picture is not there.
    """
    try:
        lines = read_text(listing, LISTING).splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"{listing}: cannot be read ({error})", "give a text file of names") from None
    names = {line.strip(): number for number, line in enumerate(lines, 1) if line.strip()}
    if not names:
        raise DataError(f"{listing}: no pictures", "name one picture per line")
    if not folder.is_dir():
        raise DataError(f"no folder {folder}", "give the folder of the images")
    for name, number in names.items():
        if not (folder / name).is_file():
            raise DataError(
                f"{listing}:{number}: no picture '{name}' in {folder}",
                "correct the list, or give another folder",
            )
    return sorted(names, key=_parts)


def _parts(name: str) -> list[str]:
    return name.split("/")
