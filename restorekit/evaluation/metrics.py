"""Metrics against the truth, on 8-bit pictures, each with its definition in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restorekit.contracts import Metric
from restorekit.evaluation.planes import (
    CHANNELS,
    Channels,
    border_in_words,
    check_border,
    check_pictures,
    planes,
)

if TYPE_CHECKING:
    from restorekit.contracts import Array

SIGMA, RADIUS = 1.5, 5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True)
class PSNR(Metric):
    """Peak signal-to-noise ratio; as MATLAB's ``psnr`` gives it for uint8 RGB, if no field says otherwise.

    Attributes:
        border: Pixels that are cut off on each side first.
        channels: ``rgb``, or ``y`` for the luma alone.

    Raises:
        ValueError: ``border`` is negative.
    """

    border: int = 0
    channels: Channels = "rgb"

    unit: ClassVar[str] = "dB"

    def __post_init__(self) -> None:
        check_border(self.border)

    @property
    def definition(self) -> str:  # type: ignore[override]
        """What the number is."""
        return self._definition("no shift search")

    def _definition(self, shift: str) -> str:
        mean = "all pixels and the three channels" if self.channels == "rgb" else "all pixels"
        return (
            f"PSNR in dB of {CHANNELS[self.channels]}: 10 log10(255^2 / MSE), one MSE over {mean}, "
            f"{border_in_words(self.border)}, {shift}; infinite for equal pictures"
        )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures; in dB, infinite if they are equal.

        Raises:
            ImageError: The two differ in shape, or have nothing within the border.
        """
        check_pictures(prediction, target, 2 * self.border + 1)
        restored, truth = (planes(image, self.border, self.channels) for image in (prediction, target))
        return _decibels(restored, truth)


@dataclass(frozen=True)
class ShiftedPSNR(PSNR):
    """PSNR at the best shift, for pictures that were not aligned with their truth, such as really blurred ones.

    Attributes:
        border: Pixels that are cut off on each side first, at least ``shift``.
        shift: Greatest shift along each axis, in whole pixels.

    Raises:
        ValueError: A field is negative, or ``shift`` greater than ``border``.
    """

    border: int = 15
    shift: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.shift <= self.border:
            raise ValueError(f"shift must be at least 0 and at most border ({self.border}), not {self.shift}")

    @property
    def definition(self) -> str:  # type: ignore[override]
        """What the number is."""
        return self._definition(f"at the best of all shifts of up to {self.shift} px along each axis")

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures; in dB, infinite if they are equal at some shift.

        Raises:
            ImageError: The two differ in shape, or have nothing within the border.
        """
        check_pictures(prediction, target, 2 * self.border + 1)
        truth = planes(target, self.border, self.channels)
        wide = planes(prediction, self.border - self.shift, self.channels)
        height, width = truth.shape[:2]
        steps = range(2 * self.shift + 1)
        return max(
            _decibels(wide[top : top + height, left : left + width], truth) for top in steps for left in steps
        )


@dataclass(frozen=True)
class SSIM(Metric):
    """Structural similarity per channel (Wang et al. 2004, equation 13), as scikit-image computes it.

    Attributes:
        border: Pixels that are cut off on each side first.
        channels: ``rgb``, or ``y`` for the luma alone.

    Raises:
        ValueError: ``border`` is negative.
    """

    border: int = 0
    channels: Channels = "rgb"

    def __post_init__(self) -> None:
        check_border(self.border)

    @property
    def definition(self) -> str:  # type: ignore[override]
        """What the number is."""
        mean = ", the mean of the three channels" if self.channels == "rgb" else ""
        cut = f"{border_in_words(self.border)}, " if self.border else ""
        return (
            f"SSIM of {CHANNELS[self.channels]}{mean}: {cut}11 x 11 Gaussian window of sigma 1.5, population "
            "covariance, K = (0.01, 0.03), range 255, over the pixels whose window lies inside the picture"
        )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures with at least 11 x 11 pixels within the border; 1 if they are equal.

        Raises:
            ImageError: The two differ in shape, or are smaller than the window.
        """
        check_pictures(prediction, target, 2 * (RADIUS + self.border) + 1)
        restored, truth = (planes(image, self.border, self.channels) for image in (prediction, target))
        similarity = _ssim(restored, truth, channel_sigma=0)
        return float(np.mean(similarity[RADIUS:-RADIUS, RADIUS:-RADIUS], dtype=np.float64))


@dataclass(frozen=True)
class VolumetricSSIM(Metric):
    """What MATLAB's ``ssim`` gives for an H,W,3 array: colour taken for a third dimension of space.

    Much of the deblurring literature reports this number; it is clearly higher than the SSIM per channel.
    """

    definition = (
        "SSIM of 8-bit RGB as one volume, as MATLAB's ssim takes H x W x 3: 11 x 11 x 11 Gaussian window of "
        "sigma 1.5, also across channels, replicated border, population covariance, K = (0.01, 0.03), range "
        "255, over all pixels"
    )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures; 1 if they are equal.

        Raises:
            ImageError: The two differ in shape.
        """
        check_pictures(prediction, target)
        return float(np.mean(_ssim(prediction, target, channel_sigma=SIGMA), dtype=np.float64))


def _decibels(prediction: Array, target: Array) -> float:
    error = np.mean(np.square(prediction.astype(np.float64) - target))
    return float(10 * np.log10(255.0**2 / error)) if error else float("inf")


def _ssim(prediction: Array, target: Array, channel_sigma: float) -> Array:
    """Return the H,W,C map of structural similarity, in single precision (1e-5 of the double's mean)."""
    from skimage.filters import gaussian

    smooth: Callable[..., Array] = partial(
        gaussian, mode="nearest", truncate=RADIUS / SIGMA, preserve_range=True
    )
    x, y = prediction.astype(np.float32), target.astype(np.float32)
    fields = np.stack([x, y, x * x + y * y, x * y])
    if channel_sigma:  # along an axis of 3, window and replicated border are a matrix, and faster as one
        fields = fields @ smooth(np.eye(3, dtype=np.float32), (0, channel_sigma))
    mean_x, mean_y, squares, product = smooth(fields, (0, SIGMA, SIGMA, 0))
    mean_product, mean_squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    luminance = (2 * mean_product + C1) / (mean_squares + C1)
    structure = (2 * (product - mean_product) + C2) / (squares - mean_squares + C2)
    similarity: Array = luminance * structure
    return similarity
