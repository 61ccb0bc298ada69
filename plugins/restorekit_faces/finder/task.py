"""The task ``face_maps``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restorekit import Batch, RestorekitError, Task
from restorekit_faces.finder.maps import draw_maps

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class FaceMaps(Task):
    """Where faces are, how large, and their five points: maps of 12 channels, at an eighth of the picture's size.

    It reads the label ``faces`` of the source ``face_scenes``. About a face that is too small, too large or too blurred
    to be found nothing is asked.

    Attributes:
        eyes: Least and greatest distance of the eyes of a face that is to be found, pixels.
        blur: Standard deviation of a kernel along its longer axis, in eye distances, up to which a face is to be found.
    """

    spatial: ClassVar[bool] = False

    eyes: tuple[float, float] = (5.5, 14.0)
    blur: float = 0.33

    def target(self, batch: Batch) -> Tensor:
        """Return N,12,H / 8,W / 8; the first channel is -1 where nothing is asked.

        Raises:
            RestorekitError: The source does not say where faces are.
        """
        import torch

        count, _, height, width = batch.sharp.shape
        if any("faces" not in labels for labels in batch.labels) or len(batch.labels) != count:
            raise RestorekitError("the source does not say where faces are", "use the source face_scenes")
        shrunk = 2**batch.halvings
        blurs = _spread(batch.kernel) / shrunk if batch.kernel is not None else np.zeros(count)
        middle = (width - 1) / 2, (height - 1) / 2
        maps = [
            draw_maps(faces := labels["faces"] / shrunk + middle, self._known(faces, blur), height, width)
            for labels, blur in zip(batch.labels, blurs, strict=True)
        ]
        return torch.from_numpy(np.stack(maps)).to(batch.sharp.device)

    def _known(self, faces: Array, blur: float) -> Array:
        eyes = np.hypot(*(faces[:, 1] - faces[:, 0]).T)
        known: Array = (eyes >= self.eyes[0]) & (eyes <= self.eyes[1]) & (blur <= self.blur * eyes)
        return known


def _spread(kernels: Tensor) -> Array:
    """Return the standard deviation of N,K,K along the longer axis, pixels; 0 where there is no kernel."""
    weights = kernels.double().cpu().numpy()
    total = np.maximum(weights.sum(axis=(1, 2)), 1e-12)
    at = np.arange(weights.shape[-1]) - weights.shape[-1] // 2
    down, across = weights.sum(axis=2), weights.sum(axis=1)
    y, x = down @ at / total, across @ at / total
    yy, xx = down @ at**2 / total - y**2, across @ at**2 / total - x**2
    xy = np.einsum("nij,i,j->n", weights, at, at) / total - x * y
    widest = (xx + yy) / 2 + np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    spread: Array = np.sqrt(np.maximum(widest, 0))
    return spread
