"""The frozen VGG that the perceptual loss looks through; imported only when it is first used."""

from __future__ import annotations

from pathlib import Path

import timm  # noqa: TID253
import torch  # noqa: TID253
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn  # noqa: TID253

from restorekit import RestorekitError

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
        RestorekitError: The file cannot be had or read, or is of another network.
    """

    def __init__(self, network: str, weights: Path | None, pretrained: bool) -> None:
        super().__init__()
        self.layers = LAYERS[network]
        with torch.device("meta"):  # neither memory nor random numbers for what is replaced at once
            self.features = timm.create_model(network).features[: self.layers[-1] + 1]
        wanted = self.features.state_dict()
        found = read(weights or download(network), network, wanted) if pretrained else draw(wanted)
        self.features.load_state_dict(found, assign=True)
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


def download(network: str) -> Path:
    """Return timm's ImageNet weights of ``network`` from the Hub, or from its cache."""
    name = f"timm/{network}.tv_in1k"
    try:
        return Path(hf_hub_download(name, "model.safetensors"))
    except (HfHubHTTPError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise RestorekitError(
            f"cannot download {name}: {reason}",
            f"give weights = PATH, a safetensors file of {network} with timm's names",
        ) from error


def read(path: Path, network: str, wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Read ``features.NAME`` for each wanted name, in its shape and as float32."""
    hint = f"give the weights of {network} with timm's names, or set network to what the file holds"
    try:
        with safe_open(path, "pt") as file:
            names = set(file.keys())
            for name, tensor in wanted.items():
                key, shape = f"features.{name}", list(tensor.shape)
                if key not in names:
                    raise RestorekitError(f"{path} does not hold {network}: {key} is missing", hint)
                if file.get_slice(key).get_shape() != shape:
                    raise RestorekitError(f"{path} does not hold {network}: {key} is not {shape}", hint)
            return {name: file.get_tensor(f"features.{name}").float() for name in wanted}
    except (SafetensorError, OSError) as error:
        raise RestorekitError(f"cannot read {path}: {error}", hint) from error
