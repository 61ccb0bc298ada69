"""Colours of 16 bits by OpenCV, as Pillow reduces them to 8 without a word."""

from __future__ import annotations

import numpy as np

from restorekit.images.picture import Array


def by_opencv(data: bytes) -> Array | None:
    """Decode a file of 16 bits a channel.

    Returns:
        H,W,C uint16, its colours in the order RGB and alpha last; None if OpenCV does not know the kind.
    """
    import cv2

    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it tells of every odd tag
    try:
        samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        cv2.utils.logging.setLogLevel(level)
    if samples is None or samples.dtype != np.uint16:
        return None
    if samples.ndim == 2:
        return np.asarray(samples[..., None])
    return np.asarray(samples[..., [2, 1, 0, 3][: samples.shape[2]]])
