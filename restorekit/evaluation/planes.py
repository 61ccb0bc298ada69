"""What of two pictures a metric compares: without their borders, in colour or as luma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from restorekit.errors import ImageError

if TYPE_CHECKING:
    from restorekit.contracts import Array

Channels = Literal["rgb", "y"]
CHANNELS = {
    "rgb": "8-bit RGB",
    "y": "luma of 8-bit RGB (ITU-R BT.601, 16 to 235, not rounded)",
}
LUMA = np.array([65.481, 128.553, 24.966]) / 255


def planes(image: Array, border: int, channels: Channels) -> Array:
    """Return H - 2 border,W - 2 border,3 uint8 RGB, or as luma H - 2 border,W - 2 border,1 float64."""
    inner = image[border : image.shape[0] - border, border : image.shape[1] - border]
    return inner if channels == "rgb" else (16 + inner @ LUMA)[..., None]


def check_border(border: int) -> None:
    """Raise ValueError if so many pixels cannot be cut off."""
    if border < 0:
        raise ValueError(f"border must be a number of pixels, at least 0, not {border}")


def check_pictures(prediction: Array, target: Array, least: int = 1) -> None:
    """See that two pictures are of one size, and of at least ``least`` pixels a side.

    Raises:
        ImageError: They are not.
    """
    sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (prediction, target)]
    if prediction.shape != target.shape:
        raise ImageError(
            f"a picture of {sizes[0]} cannot be compared with one of {sizes[1]}",
            "both pictures must have the same size",
        )
    if min(target.shape[:2]) < least:
        raise ImageError(f"a picture of {sizes[1]} is too small", f"give {least} x {least}")


def border_in_words(border: int) -> str:
    """Say what is cut off, for a definition."""
    return f"{border} px of border cut" if border else "no border cut"
