"""The restorer ``wiener``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import Progress
from .checks import above_0, within
from .least_squares import BALANCE, ROUNDS, least_squares
from .nonblind import NonBlind

if TYPE_CHECKING:
    from restorekit import Array


@dataclass(frozen=True)
class Wiener(NonBlind):
    """The best linear estimate, for pictures whose power falls with the square of the frequency.

    Wiener's filter is ``conj(K) / (|K|^2 + N / S)`` with the powers N of noise and S of pictures; with S as one over
    the transfer function of the Laplacian it minimises ``|k * x - y|^2 + balance |grad x|^2``. Where only a part of
    the blurred picture is known no filter does that, so conjugate gradients do, on the known pixels, with the filter
    as preconditioner.

    Attributes:
        balance: Power of the noise over that of the picture's gradients; 0.004 of noise over gradients of 0.06.
        rounds: Most iterations.

    Raises:
        ValueError: If a field is out of its range.
    """

    balance: float = BALANCE
    rounds: int = ROUNDS

    name = "wiener"

    def __post_init__(self) -> None:
        above_0(self, "balance")
        within(self, 1, 10_000, "rounds")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""
        restored = least_squares(planes, kernel, self.balance, self.rounds, progress)
        return restored[..., : planes.shape[-2], : planes.shape[-1]]
