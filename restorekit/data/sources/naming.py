"""How pictures that belong together are called: templates such as ``{name}_blur.png``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from restorekit.errors import DataError, brief
from restorekit.images import SUFFIXES

ANY = "{name}"
"""The template of every picture, by its path without the ending."""

_FIELD = re.compile(r"\{(\w*)\}")
_FIELDS = 4
"""Fields of a template: the time to compare a long name with it grows as a power of them."""

Key = tuple[tuple[str, str], ...]
"""What stands for the fields of a template, by name."""


class Template:
    """A path with fields in braces, each of which stands for any text, folders too.

    Args:
        text: Such as ``{name}_blur.png``, or ``{name}_blur`` for a picture of any ending.

    Attributes:
        text: As given.
        fields: The names of the fields.

    Raises:
        ValueError: It has no field or too many, two of them touch, or the name of one is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        pieces = _FIELD.split(text)
        self.fields = sorted({*pieces[1::2]})
        if not self.fields or not all(name.isidentifier() for name in self.fields):
            raise ValueError(f"'{text}' is not a template of names, such as {{name}}_blur.png")
        if len(pieces) > 2 * _FIELDS + 1 or "" in pieces[2:-1:2]:
            raise ValueError(f"'{brief(text)}' has more than {_FIELDS} fields, or two that touch")
        pattern = ""
        for number, piece in enumerate(pieces):
            again = number % 2 and piece in pieces[1:number:2]
            taken = f"(?P={piece})" if again else f"(?P<{piece}>.+)"
            pattern += taken if number % 2 else re.escape(piece)
        ending = "" if text.lower().endswith(SUFFIXES) else r"\.[^./]+"
        self._pattern = re.compile(pattern + ending, re.DOTALL)

    @property
    def told(self) -> int:
        """How many letters of it are not fields; of two that fit a name, the one that tells more is meant."""
        return len(_FIELD.sub("", self.text))

    def key(self, name: str) -> Key | None:
        """Return what stands for the fields in the path of a picture; None if it is not called so."""
        found = self._pattern.fullmatch(name)
        return None if found is None else tuple(sorted(found.groupdict().items()))

    def keyed(self, names: Sequence[str], folder: Path) -> dict[Key, str]:
        """Return the pictures of a folder that are called so, by what stands for the fields.

        Raises:
            DataError: Two are called the same.
        """
        found: dict[Key, str] = {}
        for name in names:
            key = self.key(name)
            if key is None:
                continue
            if key in found:
                raise DataError(
                    f"{folder / found[key]} and {name} differ only in their ending", "keep one of them"
                )
            found[key] = name
        return found
