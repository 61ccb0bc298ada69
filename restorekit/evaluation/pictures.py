"""Which pictures of a folder are evaluated on."""

from __future__ import annotations

from pathlib import Path

from restorekit.data.sources.celeba import celeba_names
from restorekit.data.sources.listing import list_pictures
from restorekit.errors import DataError


def find_images(data: Path, listing: Path | None = None, limit: int | None = None) -> tuple[Path, list[str]]:
    """Choose the pictures of a folder to evaluate on.

    Args:
        data: A folder of pictures, at any depth; or CelebA's root, of which the test partition is taken.
        listing: A text file that names the pictures to keep, one a line, relative to the folder.
        limit: Keep so many, the first by name.

    Returns:
        The folder, and the names in it, sorted.

    Raises:
        DataError: The folder or listing is missing or empty, or a picture listed is not there.
    """
    if not data.is_dir():
        raise DataError(f"{data}: no such folder", "give a folder of pictures with --data")
    folder = data / "img_align_celeba" if (data / "img_align_celeba").is_dir() else data
    if listing:
        names = _read_listing(listing, folder)
    elif folder != data:
        names = celeba_names(data, "test")
    else:
        names = list_pictures(folder)
    if not names:
        raise DataError(f"{listing}: no pictures", "name one a line")
    return folder, sorted(names)[:limit]


def _read_listing(listing: Path, folder: Path) -> list[str]:
    try:
        lines = listing.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{listing}: cannot be read ({error})", "give a text file of names with --list"
        ) from None
    names = {line.strip(): number for number, line in enumerate(lines, 1) if line.strip()}
    for name, number in names.items():
        if not (folder / name).is_file():
            raise DataError(
                f"{listing}:{number}: no picture '{name}' in {folder}", "correct the list or --data"
            )
    return list(names)
