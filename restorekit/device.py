"""Which device computes, and how it is known that its memory does not suffice."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.errors import RestorekitError
from restorekit.extras import installed

if TYPE_CHECKING:
    import torch


_ALONE = ("cpu", "mps")
"""Kinds of which a machine has one, which has no number."""

_OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "failed to allocate",
    "insufficient memory",
    "alloc_failed",
)


def resolve_device(name: str = "auto") -> torch.device:
    """Return the device called ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.

    Raises:
        RestorekitError: There is no such device.
    """
    import torch

    if name == "auto":
        found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        name = found.type if found else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
        there = device.type != "meta" and (device.index is None or device.type not in _ALONE)
    except (RuntimeError, AssertionError):
        there = False
    if not there:
        raise RestorekitError(f"no device '{name}' here", "choose auto or cpu")
    return device


def gpu_at_hand() -> bool:
    """Whether torch is installed and has a GPU; torch, which takes long, is imported only where there may be one."""
    return installed("torch") and _may_have_gpu() and resolve_device().type != "cpu"


def _may_have_gpu() -> bool:
    """Look for what the driver of a GPU leaves behind, or for a torch that is made for one of Intel's."""
    made_for = version("torch").rpartition("+")[2]
    if made_for in ("cpu", "xpu"):
        return made_for == "xpu"
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32", "nvcuda.dll").exists()
    return any(os.path.exists(node) for node in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))


def out_of_memory(error: Exception) -> bool:
    """Tell it from other errors without importing what raised it: torch, OpenCV and ONNX Runtime say it in words."""
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _OUT_OF_MEMORY)


def bf16_pays(device: torch.device) -> bool:
    """Whether the device multiplies in bf16 natively, so that it is faster than fp32."""
    import torch

    if device.type == "cuda":
        with torch.cuda.device(device):
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        amx = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
        return bool(amx() or native())
    return False


def memory_format(device: torch.device) -> torch.memory_format:
    """Return the layout in which the device convolves fastest; channels last spares a GPU two transpositions."""
    import torch

    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def compile_pays(device: torch.device) -> bool:
    """Whether compiling a network pays: on a GPU; on a CPU it takes longer than most runs gain."""
    return device.type == "cuda"
