"""Full-reference metrics on 8-bit RGB pictures, each with its definition in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restorekit.contracts import Metric
from restorekit.errors import ImageError

if TYPE_CHECKING:
    from restorekit.contracts import Array

SIGMA, RADIUS = 1.5, 5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True)
class PSNR(Metric):
    """Peak signal-to-noise ratio as MATLAB's ``psnr`` gives it for uint8 RGB."""

    unit: ClassVar[str] = "dB"
    definition: ClassVar[str] = (
        "PSNR in dB of 8-bit RGB: 10 log10(255^2 / MSE), one MSE over all pixels and the three channels, "
        "no border cut, no shift search; infinite for equal pictures"
    )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures; in dB, infinite if they are equal.

        Raises:
            ImageError: The two differ in shape.
        """
        _check(prediction, target)
        error = np.mean(np.square(prediction.astype(np.float64) - target))
        return float(10 * np.log10(255.0**2 / error)) if error else float("inf")


@dataclass(frozen=True)
class SSIM(Metric):
    """Structural similarity per channel (Wang et al. 2004, equation 13), as scikit-image computes it."""

    definition: ClassVar[str] = (
        "SSIM of 8-bit RGB, the mean of the three channels: 11 x 11 Gaussian window of sigma 1.5, population "
        "covariance, K = (0.01, 0.03), range 255, over the pixels whose window lies inside the picture"
    )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures of at least 11 x 11; 1 if they are equal.

        Raises:
            ImageError: The two differ in shape, or are smaller than the window.
        """
        _check(prediction, target, 2 * RADIUS + 1)
        similarity = _ssim(prediction, target, channel_sigma=0)
        return float(np.mean(similarity[RADIUS:-RADIUS, RADIUS:-RADIUS], dtype=np.float64))


@dataclass(frozen=True)
class VolumetricSSIM(Metric):
    """What MATLAB's ``ssim`` gives for an H,W,3 array: colour taken for a third dimension of space.

    Much of the deblurring literature reports this number; it is clearly higher than the SSIM per channel.
    """

    definition: ClassVar[str] = (
        "SSIM of 8-bit RGB as one volume, as MATLAB's ssim takes H x W x 3: 11 x 11 x 11 Gaussian window of "
        "sigma 1.5, also across channels, replicated border, population covariance, K = (0.01, 0.03), range "
        "255, over all pixels"
    )

    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare two H,W,3 uint8 RGB pictures; 1 if they are equal.

        Raises:
            ImageError: The two differ in shape.
        """
        _check(prediction, target)
        return float(np.mean(_ssim(prediction, target, channel_sigma=SIGMA), dtype=np.float64))


def _check(prediction: Array, target: Array, least: int = 1) -> None:
    if prediction.shape != target.shape:
        raise ImageError(
            f"a picture of {prediction.shape[1]} x {prediction.shape[0]} cannot be compared with one of "
            f"{target.shape[1]} x {target.shape[0]}",
            "a metric needs two of one size",
        )
    if min(target.shape[:2]) < least:
        raise ImageError(
            f"a picture of {target.shape[1]} x {target.shape[0]} is too small", f"give {least} x {least}"
        )


def _ssim(prediction: Array, target: Array, channel_sigma: float) -> Array:
    """Return the H,W,3 map of structural similarity, in single precision (1e-5 of the double's mean)."""
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
