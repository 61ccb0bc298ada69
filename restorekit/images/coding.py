"""What the numbers of a picture mean as colours, where no profile says it."""

from __future__ import annotations

from typing import NamedTuple

Cicp = tuple[int, int, int, int]
SRGB: Cicp = (1, 13, 0, 1)
SRGB_PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue, 100,000 times x and y of each."""


class Coding(NamedTuple):
    """Primaries and transfer.

    Attributes:
        cicp: Code points of ITU-T H.273: primaries, transfer, matrix, and 1 for full range.
        intent: sRGB, with this rendering intent.
        gamma: 100,000 times the exponent by which light became the numbers.
        primaries: 100,000 times x and y of white, red, green and blue.
    """

    cicp: Cicp | None = None
    intent: int | None = None
    gamma: int | None = None
    primaries: tuple[int, ...] | None = None

    @property
    def is_srgb(self) -> bool:
        """Whether the colours are those that a picture without a word has."""
        if self.cicp is not None:
            return self.cicp[:2] == SRGB[:2]
        if self.intent is not None:
            return True
        plain = self.primaries is None or all(
            abs(one - other) < 200 for one, other in zip(self.primaries, SRGB_PRIMARIES, strict=True)
        )
        return plain and (self.gamma is None or abs(self.gamma - 45_455) < 500)
