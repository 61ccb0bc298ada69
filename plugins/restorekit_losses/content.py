"""Content losses: differences of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Batch, Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class L1(Loss):
    """Mean absolute difference over batch, channels and pixels.

    The content loss of Shen et al., EURASIP JWCN 2019:23, a third of theirs: they sum over the channels.
    """

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W; return a scalar, at least 0."""
        return (prediction - target).abs().mean()


@dataclass(frozen=True)
class MSE(Loss):
    """Mean squared difference over batch, channels and pixels.

    The content loss of Nah, Kim and Lee, CVPR 2017, but for their factor: they take half of the mean over the scales.
    """

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W; return a scalar, at least 0."""
        return (prediction - target).square().mean()


@dataclass(frozen=True)
class Charbonnier(Loss):
    """Mean of ``sqrt(d**2 + eps**2)`` over batch, channels and pixels: L1, but smooth at 0.

    Charbonnier et al., ICIP 1994; in this form Lai et al., CVPR 2017 (LapSRN).

    Attributes:
        eps: Where it turns from quadratic to linear, in units of the image; above 0.
    """

    eps: float = 1e-3

    def __post_init__(self) -> None:
        if self.eps <= 0:
            raise ValueError(f"eps must be above 0, not {self.eps}")

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W; return a scalar, at least ``eps``."""
        return ((prediction - target).square() + self.eps**2).sqrt().mean()


@dataclass(frozen=True)
class GradientL1(Loss):
    """Mean absolute difference of the forward differences along x and y, over both, batch, channels and pixels.

    What the gradient task of Shen et al., EURASIP JWCN 2019:23, judges, but on the gradients of the image that was
    predicted: the control that tells whether it is the task that helps, or the loss.
    """

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W, both at least 2 x 2; return a scalar, at least 0."""
        error = prediction - target  # differences are linear: those of the error are the errors of those
        return sum(error.diff(dim=axis).abs().mean() for axis in (-1, -2)) / 2
