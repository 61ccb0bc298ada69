"""The degradation ``camera_shake``: blur that varies over the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Degradation

from .convolve import convolve
from .gaussian_process_blur import check_length_scale, draw_processes
from .kernel import centre, pad, rasterise, reach

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class CameraShake(Degradation):
    """A camera that turns about its three axes and moves, seen through a pinhole.

    Rotations and translations are smooth Gaussian processes over the exposure. What each does to a point of the
    picture is the motion field of a rigid scene at one distance (Longuet-Higgins and Prazdny, Proc. R. Soc.
    Lond. B 208, 1980, equation 2.7, for small motions)::

        u' = -(tx - u tz) + rx u v - ry (1 + u^2) + rz v
        v' = -(ty - v tz) + rx (1 + v^2) - ry u v - rz u

    with u, v in focal lengths from the picture's middle, rotations r in radians and translations t in distances
    of the scene. The blur is that of the kernels at the nodes of a grid, each centred on the box of its path: every
    pixel blends, bilinearly, what the kernels at the four nodes around it give (as in the efficient filter flow of
    Hirsch et al., CVPR 2010, but with the weights on the blurred side).

    Attributes:
        sizes: Sides of the support that the largest kernel of a picture roughly fills, in pixels: odd, at least
            3; all equally likely. The border consumed is half of the largest.
        focal: Focal length as a multiple of the picture's width; the shorter, the more the blur varies.
        translation: Standard deviation of the translations relative to that of the rotations.
        roll: Standard deviation of the rotation about the optical axis relative to the others.
        grid: Nodes along each side, at least 2.
        length_scale: Of the processes, as a share of the exposure.

    Raises:
        ValueError: If a field is out of its range.
    """

    sizes: tuple[int, ...] = (13, 15, 17, 19, 21, 23, 25, 27)
    focal: float = 1.0
    translation: float = 0.3
    roll: float = 1.0
    grid: int = 4
    length_scale: float = 0.3

    def __post_init__(self) -> None:
        if not self.sizes or any(size < 3 or size % 2 == 0 for size in self.sizes):
            raise ValueError(f"sizes must be odd numbers of at least 3, not {list(self.sizes)}")
        if not 0.1 <= self.focal < np.inf:
            raise ValueError(f"focal must be at least 0.1, not {self.focal}")
        for name in ("translation", "roll"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be at least 0, not {getattr(self, name)}")
        if not 2 <= self.grid <= 16:
            raise ValueError(f"grid must be 2 to 16, not {self.grid}")
        check_length_scale(self.length_scale)

    @property
    def margin(self) -> int:
        """Half of the largest size."""
        return max(self.sizes) // 2

    @property
    def remedies(self) -> tuple[str, ...]:
        """Deblurring."""
        return ("deblurring",)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a motion and what it does at every node.

        Returns:
            ``kernel``, (grid^2, K, K) float32, row by row, each not negative and of sum 1.
        """
        size = int(rng.choice(self.sizes))
        motion = draw_processes(rng, 6, self.length_scale) * (
            [1, 1, self.roll, self.translation, self.translation, self.translation]
        )
        paths = centre(self._paths(motion, height, width), "box")
        paths *= rng.uniform(max(size - 5, 0), size - 2) / (2 * reach(paths).max())
        return {"kernel": pad(rasterise(paths, size), max(self.sizes))}

    def _paths(self, motion: Array, height: int, width: int) -> Array:
        """Return (steps, 2, grid^2), in focal lengths: where the motion takes each node."""
        inner = np.array([height, width]) - 2 * self.margin
        v, u = np.meshgrid(*(np.linspace(-0.5, 0.5, self.grid) * side for side in inner), indexing="ij")
        u, v = (axis.ravel() / (self.focal * inner[1]) for axis in (u, v))
        rx, ry, rz, tx, ty, tz = motion.T[..., None]
        x = -(tx - u * tz) + rx * u * v - ry * (1 + u**2) + rz * v
        y = -(ty - v * tz) + rx * (1 + v**2) - ry * u * v - rz * u
        return np.stack([x, y], axis=1)

    def apply(self, images: Tensor, kernel: Tensor) -> Tensor:
        """Blur N,3,H,W with N,grid^2,K,K into N,3,H - 2 margin,W - 2 margin."""
        import torch

        height, width = (side - 2 * self.margin for side in images.shape[-2:])
        rows, columns = (_hats(side, self.grid, images.device) for side in (height, width))
        blurred = torch.zeros(*images.shape[:2], height, width, device=images.device)
        for node in range(self.grid**2):
            weight = rows[node // self.grid][:, None] * columns[node % self.grid]
            blurred += weight * convolve(images, kernel[:, node])
        return blurred

    def kernel(self, kernel: Tensor) -> Tensor:
        """Return zeros, N,K,K: there is no single kernel."""
        return kernel[:, 0].mul(0)


def _hats(side: int, nodes: int, device: torch.device) -> Tensor:
    """Return (nodes, side): linear interpolation weights of nodes spread evenly from the first pixel to the last."""
    import torch

    at = torch.linspace(0, nodes - 1, side, device=device)
    return (1 - (at - torch.arange(nodes, device=device)[:, None]).abs()).clamp_min(0)
