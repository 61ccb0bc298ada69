"""What scenes are composed of: pieces of pictures, turned, masked and laid over a photo."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from restorekit import Array

_POWERS = (2.0, 2.5, 4.0, 24.0)
"""Of masks: an ellipse, a box, and what lies between."""


def similarity(scale: float, turn: float, stretch: float, start: Array, end: Array) -> Array:
    """Return 2,3: scale, then turn (radians), about a point that goes from ``start`` to ``end``.

    ``stretch`` is how much more the scale is across than down before the turn.
    """
    cos, sin = math.cos(turn), math.sin(turn)
    linear = (
        scale * np.array([(cos, -sin), (sin, cos)]) @ np.diag([math.sqrt(stretch), 1 / math.sqrt(stretch)])
    )
    return np.concatenate([linear, (np.asarray(end) - linear @ start)[:, None]], axis=1)


def mask(
    rng: np.random.Generator, shape: tuple[int, int], middle: Array, reach: tuple[float, float]
) -> Array:
    """Draw a mask of H,W float32: 1 about ``middle``, 0 beyond ``reach`` (across and down), by an edge of any width.

    The outline is a superellipse, so that nothing about an edge tells a network what it surrounds.
    """
    power = rng.choice(_POWERS)
    soft = math.exp(rng.uniform(math.log(0.02), math.log(0.6)))
    across = np.abs(np.arange(shape[1], dtype=np.float32) - middle[0]) / reach[0]
    down = np.abs(np.arange(shape[0], dtype=np.float32)[:, None] - middle[1]) / reach[1]
    radius = (across**power + down**power) ** (1 / power)
    drawn: Array = np.clip((1 - radius) / soft, 0, 1).astype(np.float32)
    return drawn


def recolour(rng: np.random.Generator, pixels: Array, much: float) -> Array:
    """Change brightness, contrast, gamma and tint of H,W,3 uint8 by random curves, one for each channel."""
    import cv2

    levels = np.linspace(0, 1, 256)[:, None] ** math.exp(rng.normal(0, 0.6 * much))
    gain = math.exp(rng.normal(0, 0.5 * much)) * np.exp(rng.normal(0, 0.2 * much, 3))
    curves = gain * (levels - 0.5) + 0.5 + rng.normal(0, 0.25 * much)
    table = np.rint(np.clip(curves, 0, 1) * 255).astype(np.uint8)
    changed: Array = cv2.LUT(np.ascontiguousarray(pixels), table[:, None, :])
    return changed


def shrink(pixels: Array, scale: float) -> tuple[Array, int]:
    """Reduce H,W,3 uint8 by the largest whole factor that a scale allows, by exact means; return that, too."""
    import cv2

    factor = max(1, int(1 / scale))
    size = (pixels.shape[1] // factor, pixels.shape[0] // factor)
    if factor == 1:
        return pixels, 1
    inside = pixels[: size[1] * factor, : size[0] * factor]
    return cv2.resize(np.ascontiguousarray(inside), size, interpolation=cv2.INTER_AREA), factor


def lay(scene: Array, pixels: Array, cover: Array, matrix: Array) -> None:
    """Lay a picture over a scene, in place.

    Args:
        scene: H,W,3 uint8.
        pixels: h,w,3 uint8.
        cover: h,w float32: how much of it covers the scene.
        matrix: 2,3: from its x, y, 1 to x, y of the scene; integers are the middles of pixels.
    """
    import cv2

    height, width = pixels.shape[:2]
    corners = np.array([(x, y, 1) for x in (0, width - 1) for y in (0, height - 1)]) @ matrix.T
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, scene.shape[1::-1])
    if left >= right or top >= bottom:
        return
    moved = matrix.copy()
    moved[:, 2] -= left, top
    size = int(right - left), int(bottom - top)
    over = cv2.warpAffine(pixels, moved, size, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(cover, moved, size)[..., None]
    part = scene[top:bottom, left:right]
    part[:] = (part + weight * (over.astype(np.float32) - part) + 0.5).astype(np.uint8)
