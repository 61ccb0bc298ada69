"""From weights to the spandrel network that they are of."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

import torch  # noqa: TID253
from torch import Tensor  # noqa: TID253

from restorekit import OneScale, RestorekitError
from restorekit_spandrel.module import architecture_of, network_class, spandrel
from restorekit_spandrel.network import Spandrel

_HINT = "choose other weights, or name their network"


def recognise(weights: Mapping[str, Tensor]) -> tuple[Spandrel, Mapping[str, str]] | None:
    """Do what ``Spandrel.recognise`` says."""
    for support in spandrel().MAIN_REGISTRY.architectures("detection"):
        if support.detect(dict(weights)):
            architecture = support.architecture
            break
    else:
        return None
    try:
        descriptor = architecture.load(dict(weights))
    except Exception as error:  # it guesses by some keys, and fails in any way on the rest
        reason = " ".join(str(error).split())[:120]
        raise RestorekitError(
            f"spandrel takes these weights for {architecture.id}, but they do not fill it: {reason}", _HINT
        ) from None
    name = architecture_of(architecture.id, descriptor.model)
    _check_purpose(name, descriptor)
    multiple = _multiple(descriptor.size_requirements)
    network = Spandrel(name, _differing(name, descriptor.model), multiple, descriptor.scale)
    _check_same(network, descriptor)
    return network, {"": "model."}


def _check_purpose(name: str, descriptor: Any) -> None:
    fault = ""
    if descriptor.purpose not in ("Restoration", "SR", "FaceSR"):
        fault = f"is for {descriptor.purpose}, neither for restoring nor for enlarging"
    elif (descriptor.input_channels, descriptor.output_channels) != (3, 3):
        fault = (
            f"maps {descriptor.input_channels} channels to {descriptor.output_channels}, not three to three"
        )
    elif descriptor.size_requirements.square:
        fault = "takes squares only"
    if fault:
        raise RestorekitError(f"these weights are spandrel's {name}, which {fault}", _HINT)


def _differing(name: str, model: torch.nn.Module) -> dict[str, Any]:
    """The arguments that the model was made with, without those that are its class's defaults."""
    defaults = {key: each.default for key, each in inspect.signature(network_class(name)).parameters.items()}
    given = getattr(model, "hyperparameters", {})
    differing = {
        key: _plain(value)
        for key, value in given.items()
        if key not in defaults or _plain(value) != _plain(defaults[key])
    }
    strange = [
        key for key, value in differing.items() if not isinstance(value, bool | int | float | str | list)
    ]
    if strange:
        raise RestorekitError(f"{strange[0]} of spandrel's {name} cannot be written to a config", _HINT)
    return differing


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def _multiple(requirements: Any) -> int:
    """The least multiple that is no smaller than the smallest picture."""
    multiple: int = requirements.multiple_of
    return multiple * math.ceil(max(1, requirements.minimum) / multiple)


def _check_same(network: Spandrel, descriptor: Any) -> None:
    """See that the network, made again from its keys, does to a picture what spandrel's own call does."""
    side = network.size_multiple * math.ceil(64 / network.size_multiple)
    picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    fault = "the result is another"
    try:
        module = OneScale(network_class(network.architecture)(**network.hyperparameters)).eval()
        module.model.load_state_dict(descriptor.model.state_dict())
        with torch.inference_mode():
            ours = module({"image": [picture]})["image"][0].clamp(0, 1)
            same = torch.allclose(ours, descriptor.float().eval()(picture), atol=1e-4, equal_nan=True)
    except Exception as error:  # what comes of giving a network less than it takes
        same, fault = False, " ".join(str(error).split())[:120]
    if not same:
        raise RestorekitError(
            f"spandrel's {network.architecture} takes more than a picture, or gives more: {fault}", _HINT
        )
