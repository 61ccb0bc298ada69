"""The loss ``face_maps``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit import Batch, Loss
from restorekit_faces.finder.maps import NEAR

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FaceMapsLoss(Loss):
    """How far maps of faces are off.

    Of the first channel, a logit: cross-entropy, weighted by the squared error of its probability, so that the many
    cells without a face that are right already hardly count (quality focal loss, Li et al., NeurIPS 2020, equation 3).
    Of the others: L1 at the cells of a face, each weighted by the height of its bell. Both are divided by the sum of
    those weights over the batch, at least 1; where the target's first channel is negative nothing is asked.

    Attributes:
        points: Weight of the size and the points.
    """

    points: float = 2.0

    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,12,h,w with N,12,h,w; a scalar."""
        from torch.nn.functional import binary_cross_entropy_with_logits

        logit, wanted = prediction[:, :1], target[:, :1].clamp(0, 1)
        asked = (target[:, :1] >= 0).to(logit.dtype)
        entropy = binary_cross_entropy_with_logits(logit, wanted, reduction="none")
        heat = asked * (logit.sigmoid() - wanted).square() * entropy
        near = wanted * (wanted > NEAR).to(logit.dtype)
        off = near * (prediction[:, 1:] - target[:, 1:]).abs().mean(dim=1, keepdim=True)
        return (heat.sum() + self.points * off.sum()) / near.sum().clamp_min(1)
