"""The restorer ``richardson_lucy``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress
from .border import Frame
from .checks import within
from .nonblind import NonBlind
from .operators import picture, spectrum, transfer

if TYPE_CHECKING:
    from restorekit import Array


_LEAST = 1e-6
"""What no estimate falls below: one of 0 would stay 0."""


@dataclass(frozen=True)
class RichardsonLucy(NonBlind):
    """Maximum likelihood for light that is counted (Richardson, JOSA 62, 1972; Lucy, Astron. J. 79, 1974).

    Each round multiplies the estimate by ``K'(y / K x) / K'M``, where M says which pixels were measured: the unknown
    border has no part in the sums (Bertero and Boccacci, Astron. Astrophys. 437, 2005, equation 9). Stopping early is
    what keeps the noise down.

    Attributes:
        rounds: Number of iterations.

    Raises:
        ValueError: If ``rounds`` is out of its range.
    """

    rounds: int = 50

    name = "richardson_lucy"

    def __post_init__(self) -> None:
        within(self, 1, 10_000, "rounds")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same; nothing is negative."""
        frame = Frame.around(planes, max(kernel.shape))
        blur = transfer(kernel.astype(planes.dtype), frame.shape)

        def back(values: Array) -> Array:
            return picture(np.conj(blur) * spectrum(values), frame.shape)

        x = np.maximum(frame.extend(planes), _LEAST)
        measured = frame.complete(np.maximum(planes, 0), np.zeros_like(x))
        mask = frame.mask
        seen = back(mask)
        reached = seen > 1e-3  # elsewhere nothing measured tells anything
        share = np.where(reached, seen, 1)
        for n in range(self.rounds):
            predicted = np.maximum(picture(blur * spectrum(x), frame.shape), _LEAST)
            factor = back(mask * measured / predicted) / share
            x = np.where(reached, np.maximum(x * factor, _LEAST), x)
            if progress is not None:
                progress((n + 1) / self.rounds)
        return frame.crop(x)
