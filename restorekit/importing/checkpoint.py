"""Read a checkpoint of PyTorch or safetensors: tensors by name, out of whatever they are wrapped in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import BundleError, brief
from restorekit.tensors import LARGEST, stated

if TYPE_CHECKING:
    from torch import Tensor

_WRAPPERS = (
    "params_ema", "params-ema", "state_dict_ema", "ema_state_dict", "model_ema", "ema_model", "g_ema",
    "params", "state_dict", "model_state_dict", "model", "net", "netG", "net_g", "generator", "G",
)  # fmt: skip
"""What tools for training keep the weights under; averaged ones come first."""

_PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""


@dataclass(frozen=True)
class Checkpoint:
    """The weights of a checkpoint.

    Attributes:
        tensors: The tensors, by name.
        found: Where they were: the wrappers opened and the prefixes taken off, in words.
    """

    tensors: dict[str, Tensor]
    found: tuple[str, ...]


def read_checkpoint(file: Path) -> Checkpoint:
    """Read the weights of a file, running no code of it.

    Args:
        file: What ``torch.save`` wrote of a state dict, or safetensors.

    Raises:
        BundleError: It cannot be read, holds more than weights, or no weights.
    """
    tree: Any = _read(file)
    found: list[str] = []
    while isinstance(tree, Mapping):
        inner = _wrapper(tree)
        if inner is None:
            break
        tree = tree[inner]
        found.append(f"under '{inner}'")
    tensors = _tensors(file, tree)
    while prefix := next((each for each in _PREFIXES if all(key.startswith(each) for key in tensors)), None):
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
        found.append(f"each after '{prefix}'")
    return Checkpoint(tensors, tuple(found))


def _wrapper(tree: Mapping[str, Any]) -> str | None:
    """Return what the weights are under: a name that is known, or the only one, where no tensor is beside it."""
    import torch

    inside = [name for name, value in tree.items() if isinstance(value, Mapping) and isinstance(name, str)]
    known = next((name for name in _WRAPPERS if name in inside), None)
    if known or len(inside) != 1 or any(isinstance(each, torch.Tensor) for each in tree.values()):
        return known
    return inside[0]


def _read(file: Path) -> Any:
    import torch
    from safetensors.torch import load_file

    if not file.is_file():
        raise BundleError(f"no file '{file}'", "give a checkpoint: .pth, .pt, .ckpt or .safetensors")
    if file.stat().st_size > LARGEST:
        raise BundleError(f"{file} is larger than {LARGEST // 2**30} GiB", "save only its weights")
    if file.suffix == ".safetensors":
        stated(file)
        return load_file(file)
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle, zip and torch raise each their own
        if forbidden := re.search(r"GLOBAL ([\w.]+)", str(error)):
            raise BundleError(
                f"{file} holds more than weights ({forbidden[1]}), and reading it would run that code",
                "ask its author for safetensors; or, if you trust it, save only the state_dict of its module",
            ) from None
        raise BundleError(
            f"{file} is not a checkpoint that can be read: {brief(error, 120) or type(error).__name__}",
            "give what torch.save wrote of a state_dict, or safetensors",
        ) from None


def _tensors(file: Path, tree: Any) -> dict[str, Tensor]:
    import torch

    entries = tree.items() if isinstance(tree, Mapping) else ()
    tensors = {key: value.detach() for key, value in entries if isinstance(value, torch.Tensor)}
    if not tensors or not all(isinstance(key, str) for key in tensors):
        raise BundleError(f"{file} has no weights by name", "give what torch.save wrote of a state_dict")
    for key, value in tensors.items():
        plain = value.layout == torch.strided and not value.is_quantized
        if not plain or value.nbytes > value.untyped_storage().nbytes():  # one number may pose as terabytes
            raise BundleError(f"{file}: {brief(key, 60)} is not a plain tensor", "save it as one")
    return tensors
