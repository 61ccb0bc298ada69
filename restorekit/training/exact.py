"""What a run computes with, and whether its weights come out the same to the bit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@contextmanager
def exact(wanted: bool) -> Iterator[None]:
    """Within this context, if ``wanted``, torch computes the same bits each time, or not at all."""
    import torch

    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read once, when cuBLAS starts
        torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def environment(device: torch.device, processes: int) -> dict[str, Any]:
    """What the weights depend on beside the recipe: versions, device, threads, processes."""
    from importlib.metadata import version

    import torch

    packages = ("restorekit", "torch", "timm", "albumentations", "numpy", "safetensors")
    return {
        "python": sys.version.split()[0],
        **{name: version(name) for name in packages},
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
        "processes": processes,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
    }


def resumed(device: torch.device, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in how far a resumed run is what it would have been without the stop; nothing if it is all the same.

    Args:
        device: Where it goes on.
        before: ``environment`` of the part before the stop.
        now: ``environment`` of the part to come.
    """
    compared = now.keys() - {"restorekit", *(("deterministic",) if device.type == "cpu" else ())}
    changed = [
        f"{key} was {before.get(key, 'not noted')}, is {now[key]}"
        for key in now
        if key in compared and before.get(key) != now[key]
    ]
    start = f"resumed on {device}: the draws are the same as without a stop, the weights"
    if changed:
        return [f"{start} not to the bit: {', '.join(changed)}"]
    if device.type == "cpu":
        return []
    if now["deterministic"]:
        return [f"{start} too, as both parts are deterministic"]
    return [f"{start} not to the bit, for which both parts must be deterministic"]
