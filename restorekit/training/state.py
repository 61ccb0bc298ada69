"""Training state on disk: one file of tensors and one of JSON, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError, brief
from restorekit.training.refusal import Refusal
from restorekit.whole import remove_whole, whole_folder

if TYPE_CHECKING:
    from torch import Tensor

TENSORS, TREE = "state.safetensors", "state.json"


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
    described = {"tree": _flatten(tree, "", tensors)}
    final = folder / f"step-{step:08d}"
    try:
        with whole_folder(final) as draft:
            save_file(tensors, draft / TENSORS)
            (draft / TREE).write_text(json.dumps(described), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise RestorekitError(f"cannot save {final}: {error}", "make room, then resume") from None
    for old in states(folder)[:-keep]:
        remove_whole(old)


def read_state(folder: Path) -> dict[str, Any]:
    """Read the newest state under ``folder``.

    Raises:
        RestorekitError: There is none, or it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    found = states(folder)
    if not found:
        raise Refusal(f"no state in {folder}: nothing was saved yet", "overwrite the run", "overwrite")
    tensors: dict[str, Tensor] = {}
    try:
        for file in sorted(found[-1].glob("*.safetensors")):  # several in runs begun before version 0.2
            tensors |= load_file(file)
        described = json.loads((found[-1] / TREE).read_text(encoding="utf-8"))
        for name, shape in described.get("cut", {}).items():
            tensors[name] = _joined(tensors, name).view(shape)
        tree: dict[str, Any] = _unflatten(described["tree"], tensors)
    except (
        OSError,
        SafetensorError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        hint = "bring its files back, or remove it to resume from the state before"
        raise RestorekitError(f"{found[-1]} is damaged: {brief(error)}", hint) from None
    return tree


def states(folder: Path) -> list[Path]:
    """Return the states under ``folder``, the newest last; those that a kill left half written are none."""
    return sorted(path for path in folder.glob("step-*") if not path.suffix)


def _flatten(tree: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Move the tensors of nested dictionaries and lists to ``tensors``, leaving their names in the tree."""
    import torch

    if isinstance(tree, torch.Tensor):
        tensors[name] = tree.detach().to("cpu", copy=True).contiguous()
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


def _joined(tensors: dict[str, Tensor], name: str) -> Tensor:
    """Join the parts in which runs begun before version 0.2 kept a large tensor."""
    import torch

    parts: list[Tensor] = []
    while f"{name}#{len(parts)}" in tensors:
        parts.append(tensors[f"{name}#{len(parts)}"])
    return torch.cat(parts)
