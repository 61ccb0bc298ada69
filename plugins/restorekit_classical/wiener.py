"""The restorer ``wiener``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Progress
from .border import Frame
from .checks import above_0, within
from .nonblind import NonBlind
from .operators import laplace_transfer, picture, spectrum, transfer

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

    balance: float = 4e-3
    rounds: int = 40

    name = "wiener"

    def __post_init__(self) -> None:
        above_0(self, "balance")
        within(self, 1, 10_000, "rounds")

    def solve(self, planes: Array, kernel: Array, progress: Progress | None = None) -> Array:
        """Restore C,H,W float32 with a kernel of sum 1, to the same."""
        frame = Frame.around(planes, max(kernel.shape))
        blur = transfer(kernel.astype(planes.dtype), frame.shape)
        prior = self.balance * laplace_transfer(frame.shape, planes.dtype)
        filtered = 1 / (np.abs(blur) ** 2 + prior)
        mask = frame.mask

        def normal(x: Array) -> Array:
            transformed = spectrum(x)
            seen = mask * picture(blur * transformed, frame.shape)
            return picture(np.conj(blur) * spectrum(seen) + prior * transformed, frame.shape)

        x = frame.extend(planes)
        measured = frame.complete(planes, np.zeros_like(x))
        residual = picture(np.conj(blur) * spectrum(measured), frame.shape) - normal(x)
        ahead = picture(filtered * spectrum(residual), frame.shape)
        direction, power = ahead, _dot(residual, ahead)
        for n in range(self.rounds):
            if not (power > 1e-12).all():
                break
            image = normal(direction)
            step = power / _dot(direction, image)
            x = x + step * direction
            residual = residual - step * image
            ahead = picture(filtered * spectrum(residual), frame.shape)
            power, before = _dot(residual, ahead), power
            direction = ahead + power / before * direction
            if progress is not None:
                progress((n + 1) / self.rounds)
        return frame.crop(x)


def _dot(a: Array, b: Array) -> Array:
    """Inner product of each plane: C,1,1."""
    return (a * b).sum(axis=(-2, -1), keepdims=True)
