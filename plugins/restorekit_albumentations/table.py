"""What transforms albumentations has, and what they take: kept in a file, as its import takes seconds and pulls torch.

``python -m restorekit_albumentations.table`` writes the file again from the installed release.
"""

from __future__ import annotations

import inspect
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("transforms.json")

Table = dict[str, dict[str, list[Any]]]
"""By the name of each transform and of each of its arguments: its type and, if it has one, its default."""

_UNSAID = ("Callable", "np.ndarray")
"""What a recipe cannot state, in an argument's type."""


@cache
def table() -> Table:
    """Read the table."""
    found: Table = json.loads(FILE.read_text("utf-8"))
    return found


def survey() -> Table:
    """Make the table of the installed release."""
    from restorekit_albumentations.transforms import albumentations

    library = albumentations()
    classes = {
        name: each
        for name, each in sorted(vars(library).items())
        if inspect.isclass(each) and issubclass(each, library.BasicTransform) and not inspect.isabstract(each)
    }
    return {name: _fields(each) for name, each in classes.items()}


def _fields(cls: type) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, each in inspect.signature(cls).parameters.items():
        kind = _plain(str(each.annotation))
        required = each.default is each.empty
        if not required and any(word in kind for word in _UNSAID):
            continue  # it keeps its default
        found[name] = [kind] if required else [kind, each.default]
    return found


def _plain(annotation: str) -> str:
    """Put numbers in the place of OpenCV's constants, and tuples in that of sequences."""
    import cv2

    said = re.sub(r"cv2\.(\w+)", lambda match: str(int(getattr(cv2, match.group(1)))), annotation)
    return re.sub(r"Sequence\[(\w+)\]", r"tuple[\1, ...]", said)


def dumps(found: Table) -> str:
    """Write a table, a line for each transform."""
    lines = (f"{json.dumps(name)}: {json.dumps(each)}" for name, each in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(dumps(survey()), "utf-8")
