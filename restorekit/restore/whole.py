"""The framing of the core: the whole picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.framing import Framing, View, WholeView

if TYPE_CHECKING:
    from restorekit.contracts import Array, Restorer


@dataclass(frozen=True)
class Whole(Framing):
    """The whole of every picture; a large one in tiles that overlap and fade into each other."""

    def build(self, restorer: Restorer) -> Callable[[Array], View]:
        """Take every restorer."""
        return WholeView
