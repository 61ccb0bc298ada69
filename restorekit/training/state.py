"""Training state on disk: safetensors and JSON, in shards, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError, brief
from restorekit.whole import whole_folder

if TYPE_CHECKING:
    from torch import Tensor

SHARD = 15 * 2**20 - 2**18
"""Bytes of tensors in a shard; with its header it stays within 15 MiB, and runs can be carried in small parts."""


def _flatten(tree: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Move the tensors of nested dictionaries and lists to ``tensors``, leaving their names in the tree."""
    import torch

    if isinstance(tree, torch.Tensor):
        tensors[name] = tree.detach().cpu().contiguous()
        return {"tensor": name}
    if isinstance(tree, dict):  # as pairs: an optimiser's keys are numbers
        return {"items": [[key, _flatten(value, f"{name}/{key}", tensors)] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        return {"list": [_flatten(value, f"{name}/{i}", tensors) for i, value in enumerate(tree)]}
    return {"value": tree}


def _unflatten(tree: Any, tensors: dict[str, Tensor]) -> Any:
    ((kind, value),) = tree.items()
    match kind:
        case "tensor":
            return tensors[value]
        case "items":
            return {key: _unflatten(entry, tensors) for key, entry in value}
        case "list":
            return [_unflatten(entry, tensors) for entry in value]
    return value


def _shards(tensors: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Spread tensors over shards, cutting those that are larger than one into flat parts."""
    shards: list[dict[str, Tensor]] = [{}]
    room = SHARD
    for name, tensor in tensors.items():
        length = SHARD // tensor.element_size()
        parts = tensor.flatten().split(length) if tensor.nbytes > SHARD else [tensor]
        for i, part in enumerate(parts):
            if part.nbytes > room:
                shards.append({})
                room = SHARD
            shards[-1][f"{name}#{i}" if len(parts) > 1 else name] = part.clone()
            room -= part.nbytes
    return shards


def save_state(folder: Path, tree: dict[str, Any], step: int, keep: int) -> None:
    """Write ``folder/step-N`` atomically and remove all but the newest states.

    Args:
        folder: The run's ``state`` directory.
        tree: Nested dictionaries and lists of tensors and plain values.
        step: Steps taken.
        keep: How many stay.

    Raises:
        RestorekitError: The disk is full or not writable; earlier states are untouched.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    tensors: dict[str, Tensor] = {}
    tree = _flatten(tree, "", tensors)
    cut = {name: list(t.shape) for name, t in tensors.items() if t.nbytes > SHARD}
    final = folder / f"step-{step:08d}"
    try:
        with whole_folder(final) as draft:
            for i, shard in enumerate(_shards(tensors)):
                save_file(shard, draft / f"{i:03d}.safetensors")
            (draft / "state.json").write_text(json.dumps({"cut": cut, "tree": tree}))
    except (OSError, SafetensorError) as error:
        raise RestorekitError(
            f"cannot save {final}: {error}", "make room, then train with --resume"
        ) from None
    for old in states(folder)[:-keep]:
        shutil.rmtree(old)


def read_state(folder: Path) -> dict[str, Any]:
    """Read the newest state under ``folder``.

    Raises:
        RestorekitError: There is none, or it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    found = states(folder)
    if not found:
        raise RestorekitError(f"no state in {folder}: nothing was saved yet", "train with --overwrite")
    tensors: dict[str, Tensor] = {}
    try:
        for file in sorted(found[-1].glob("*.safetensors")):
            tensors.update(load_file(file))
        described = json.loads((found[-1] / "state.json").read_text())
        for name, shape in described["cut"].items():
            tensors[name] = _joined(tensors, name).view(shape)
        tree: dict[str, Any] = _unflatten(described["tree"], tensors)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        hint = "bring its files back, or remove it to resume from the state before"
        raise RestorekitError(f"{found[-1]} is damaged: {brief(error)}", hint) from None
    return tree


def _joined(tensors: dict[str, Tensor], name: str) -> Tensor:
    import torch

    parts: list[Tensor] = []
    while f"{name}#{len(parts)}" in tensors:
        parts.append(tensors[f"{name}#{len(parts)}"])
    return torch.cat(parts)


def states(folder: Path) -> list[Path]:
    """Return the states under ``folder``, the newest last; those that a kill left half written are none."""
    return sorted(path for path in folder.glob("step-*") if not path.suffix)
