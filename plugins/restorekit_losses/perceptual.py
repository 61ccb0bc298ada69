"""The perceptual loss: differences of a VGG network's features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from restorekit import Loss

if TYPE_CHECKING:
    from restorekit import Criterion


@dataclass(frozen=True)
class VGGPerceptual(Loss):
    """Mean squared differences of VGG's conv1_2, 2_2, 3_2, 4_2 and 5_2 after their ReLU, summed over layers.

    The perceptual loss of Shen et al., EURASIP JWCN 2019:23, with each layer averaged over its channels and
    pixels. The network is frozen and runs in float32 under any autocast.

    Its size depends on the weights: with those of Simonyan and Zisserman, whose features run into the
    hundreds, a blurred face is at some 3e5. Let ``weight = "auto"`` balance such a term.

    Attributes:
        network: The paper's VGG19, or VGG16, a substitution; say so in reports.
        weights: A safetensors file with timm's names of its convolutions; without one, timm's
            ``NETWORK.tv_in1k`` is downloaded from the Hub.
        pretrained: False for random features, always the same: a substitution, to try a recipe without
            weights.
    """

    network: Literal["vgg19", "vgg16"] = "vgg19"
    weights: Path | None = None
    pretrained: bool = True

    def __post_init__(self) -> None:
        if self.weights is not None and not self.pretrained:
            raise ValueError("weights and pretrained = false cannot be used together; leave one out")

    def build(self) -> Criterion:
        """Return the module that compares N,3,H,W with N,3,H,W, both in [0, 1] and at least 16 x 16.

        Raises:
            RestorekitError: The weights cannot be fetched, or belong to another network.
        """
        from restorekit_losses.vgg_module import FeatureDifference, VGGFeatures

        return FeatureDifference(VGGFeatures(self.network, self.weights, self.pretrained))
