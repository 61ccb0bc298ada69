"""Restore whole pictures: colours of 8 or 16 bits through a restorer and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from restorekit.contracts import Restorer
from restorekit.errors import ImageError
from restorekit.images.picture import Array, Picture


def restore_picture(restorer: Restorer, picture: Picture) -> Picture:
    """Restore the colours of a picture; transparency and metadata stay as they are.

    Args:
        restorer: What restores.
        picture: Each side at least 16 pixels. A grey one comes out grey.

    Returns:
        The picture with its colours rounded to the depth that it had.

    Raises:
        ImageError: Memory does not suffice for a picture of this size.
    """
    try:
        return replace(picture, pixels=_restore(restorer, picture))
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        height, width = picture.pixels.shape[:2]
        raise ImageError(
            f"{picture.name}: {width} x {height} pixels are too many for the memory", "shrink it first"
        ) from None


def side_by_side(before: Picture, after: Picture) -> Picture:
    """Join two pictures of one size to one of twice the width: before | after."""
    pixels = np.concatenate([before.pixels, after.pixels], axis=1)
    alpha = None if after.alpha is None else np.tile(after.alpha, (1, 2))
    return replace(after, pixels=pixels, alpha=alpha)


def _restore(restorer: Restorer, picture: Picture) -> Array:
    import torch

    top = np.iinfo(picture.pixels.dtype).max
    images = torch.from_numpy(picture.pixels.astype(np.float32)).permute(2, 0, 1)[None] / top
    restored = restorer.restore(images)[0]
    if picture.grey:
        restored = restored.mean(dim=0, keepdim=True).expand(3, -1, -1)
    pixels: Array = restored.clamp(0, 1).mul(top).round().permute(1, 2, 0).contiguous().numpy()
    return pixels.astype(picture.pixels.dtype)


def _out_of_memory(error: Exception) -> bool:
    """Tell it from other errors; on the CPU torch raises a bare RuntimeError."""
    return isinstance(error, MemoryError) or any(
        sign in str(error) for sign in ("out of memory", "can't allocate memory", "not enough memory")
    )
