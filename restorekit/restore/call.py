"""Restoring what a program has in memory: arrays, Pillow's pictures and tensors, each to its own kind."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Restorer
from restorekit.errors import ImageError
from restorekit.restore.enlarge import enlarged
from restorekit.restore.steady import Steady

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts import Array

SIDE_MIN = 16
"""Restorers take no smaller pictures; these are widened by reflection, and cropped back."""

AT_ONCE = 2**20
"""Pixels of the small pictures that are restored as one batch."""


def restore_image(restorer: Restorer, image: Any) -> Any:
    """Restore an image of any size, whole; a large one in tiles.

    Args:
        restorer: What restores.
        image: A NumPy array (H,W,3, grey H,W, or N,H,W,3; uint8, uint16, or float in [0, 1]), a picture of
            Pillow of any mode that files are read in, or a tensor (3,H,W or N,3,H,W; float in [0, 1]).

    Returns:
        The same kind and type, each side times the restorer's scale, clamped, and rounded to integers where it was of
        them. Pillow's modes L, LA, RGB, RGBA, I and I;16 stay, transparency untouched; others come as the grey or
        colours that they stand for.

    Raises:
        ImageError: It is of another kind, shape or type, or has real numbers outside [0, 1].
    """
    steady = Steady(restorer)
    if isinstance(image, np.ndarray):
        return _array(steady, image)
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    if torch is not None and isinstance(image, torch.Tensor):
        return _tensor(steady, image)
    from restorekit.images.hidden import visible, with_own_hidden
    from restorekit.images.pillow import from_pillow, is_pillow, to_pillow

    if is_pillow(image):
        picture = from_pillow(image)
        pixels = with_own_hidden(picture, _pixels(steady, visible(picture)[None], picture.grey)[0])
        alpha = None if picture.alpha is None else enlarged(picture.alpha, restorer.footprint.scale)
        return to_pillow(replace(picture, pixels=pixels, alpha=alpha), image)
    raise ImageError(
        f"{type(image).__name__}: is not an image that can be restored",
        "give a NumPy array, a picture of Pillow or a tensor; restorekit.images.read reads files",
    )


def _array(steady: Steady, image: Array) -> Array:
    if image.ndim == 2:
        return _pixels(steady, np.repeat(image[None, ..., None], 3, axis=3), grey=True)[0, ..., 0]
    if image.ndim not in (3, 4) or image.shape[-1] != 3:
        raise ImageError(f"array of shape {image.shape}: is not an image", "give H,W,3, H,W or N,H,W,3")
    return _pixels(steady, image) if image.ndim == 4 else _pixels(steady, image[None])[0]


def _tensor(steady: Steady, image: Tensor) -> Tensor:
    import torch

    if image.ndim not in (3, 4) or image.shape[-3] != 3 or not image.is_floating_point():
        raise ImageError(
            f"{image.dtype} tensor of shape {tuple(image.shape)}: is not an image",
            "give 3,H,W or N,3,H,W of real numbers in [0, 1]",
        )
    arrays = image.detach().reshape(-1, *image.shape[-3:]).permute(0, 2, 3, 1).float().cpu().numpy()
    restored = torch.from_numpy(_pixels(steady, arrays))
    planes = restored.permute(0, 3, 1, 2)
    return planes.reshape(*image.shape[:-2], *planes.shape[-2:]).to(image)


def _pixels(steady: Steady, images: Array, grey: bool = False) -> Array:
    """Restore N,H,W,3 of any type that is taken, to the same, clamped, and rounded where it is of integers."""
    _check_values(images)
    count, height, width, _ = images.shape
    sides = [(0, max(SIDE_MIN - side, 0)) for side in (height, width)]
    widened = np.pad(images, ((0, 0), *sides, (0, 0)), mode="symmetric")
    step = max(AT_ONCE // (height * width), 1)
    parts = [steady.pixels(widened[start : start + step], grey) for start in range(0, count, step)]
    scale = steady.restorer.footprint.scale
    restored = np.concatenate(parts)[:, : height * scale, : width * scale]
    return restored if images.dtype.kind == "u" else restored.clip(0, 1)


def _check_values(images: Array) -> None:
    if images.size == 0:
        raise ImageError(f"image of shape {images.shape}: is empty", "give at least one pixel")
    if images.dtype in (np.uint8, np.uint16):
        return
    if images.dtype.kind != "f":
        raise ImageError(
            f"{images.dtype} image: has a type that is not supported", "give uint8, uint16 or float"
        )
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # nor not a number
        raise ImageError(f"image with values from {low:g} to {high:g}", "scale or clip it to [0, 1]")
