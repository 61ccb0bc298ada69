"""What the relative paths of a recipe are relative to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restorekit.recipe.lines import Location


@dataclass(frozen=True)
class Base:
    """The folder of a recipe, for the paths of one component's table; the working directory for what was set by hand.

    Attributes:
        folder: The recipe's.
        by_hand: Locations that were set by hand, in the whole recipe.
        at: Where the table stands.
        table: The table, as it was read.
    """

    folder: Path = Path()
    by_hand: Sequence[Location] = ()
    at: Location = ()
    table: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, key: str) -> Path:
        """Return what the path in ``key`` is relative to."""
        place = (*self.at, key)
        by_hand = any(place[: len(each)] == each for each in self.by_hand)
        return Path.cwd() if by_hand else self.folder

    def inside(self, key: str, table: Any) -> Base:
        """Return the same for a table that stands in ``key``, alone or in an array."""
        held = json.loads(json.dumps(self.table.get(key), default=str))
        entry = (held.index(table),) if isinstance(held, list) and table in held else ()
        return Base(self.folder, self.by_hand, (*self.at, key, *entry), table)
