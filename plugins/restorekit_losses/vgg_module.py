"""The frozen VGG that the perceptual loss looks through; imported only when it is first used."""

from __future__ import annotations

from pathlib import Path

import timm  # noqa: TID253
import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253

from restorekit import Batch, RestorekitError, fetch, fill_weights

LAYERS = {"vgg19": (3, 8, 13, 22, 31), "vgg16": (3, 8, 13, 20, 27)}
"""Where the ReLU after conv1_2, 2_2, 3_2, 4_2 and 5_2 stands in timm's ``features``."""

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VGGFeatures(nn.Module):
    """Maps N,3,H,W in [0, 1] to the features of five layers; frozen, float32.

    Args:
        network: ``vgg19`` or ``vgg16``.
        weights: A safetensors file; None for timm's on the Hub.
        pretrained: False for random weights instead.

    Raises:
        RestorekitError: The file cannot be fetched or read, or belongs to another network.
    """

    def __init__(self, network: str, weights: Path | None, pretrained: bool) -> None:
        super().__init__()
        self.layers = LAYERS[network]
        with torch.device("meta"):  # neither memory nor random numbers for what is replaced at once
            self.features = timm.create_model(network).features[: self.layers[-1] + 1]
        if pretrained:
            fill(self.features, weights, network)
        else:
            self.features.load_state_dict(draw(self.features.state_dict()), assign=True)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return five tensors N,C,H / 2**i,W / 2**i with C = 64, 128, 256, 512, 512 and i = 0 ... 4."""
        x, found = (images - self.mean) / self.std, []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.layers:
                found.append(x)
        return found


class FeatureDifference(nn.Module):
    """Compares images by features: mean squared differences, summed over the layers."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,3,H,W with N,3,H,W, both in [0, 1]; return a scalar, at least 0."""
        with torch.autocast(prediction.device.type, enabled=False):
            with torch.no_grad():
                wanted = self.features(target.float())
            found = self.features(prediction.float())
            return sum((a - b).square().mean() for a, b in zip(found, wanted, strict=True))


def draw(wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Draw weights that keep the features' size from layer to layer (He et al., ICCV 2015); biases are zero."""
    generator = torch.Generator().manual_seed(0)
    shapes = {name: tensor.shape for name, tensor in wanted.items()}
    return {
        name: torch.randn(shape, generator=generator) * (2 / shape[1:].numel()) ** 0.5
        if len(shape) == 4
        else torch.zeros(shape)
        for name, shape in shapes.items()
    }


def fill(features: nn.Module, weights: Path | None, network: str) -> None:
    """Fill in the file's tensors ``features.NAME``, or those of timm's weights on the Hub."""
    hint = f"give weights = PATH, a safetensors file of {network} with timm's names"
    try:
        file = weights or fetch(f"timm/{network}.tv_in1k", "model.safetensors")
    except RestorekitError as error:
        raise RestorekitError(error.message, f"{error.hint}, or {hint}") from error
    try:
        fill_weights(features, file, part="features.")
    except RestorekitError as error:
        raise RestorekitError(f"no weights of {network}: {error.message}", hint) from error
