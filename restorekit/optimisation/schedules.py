"""How the learning rate changes over a stage."""

import math
from dataclasses import dataclass

from restorekit.contracts import Schedule


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate all the time."""

    def factor(self, step: int, steps: int) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class Cosine(Schedule):
    """Falls to zero by half a cosine (Loshchilov and Hutter, ICLR 2017, without restarts)."""

    def factor(self, step: int, steps: int) -> float:
        """Return 1 at the start and 0 after ``steps``."""
        return 0.5 * (1 + math.cos(math.pi * step / steps))
