"""What this installation is made of, for a person in trouble and for a bug report."""

from __future__ import annotations

import dataclasses
import platform
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from restorekit.cache import cache_dir
from restorekit.errors import RestorekitError
from restorekit.extras import EXTRAS, Extra, installed
from restorekit.plugins import host, registry
from restorekit.restore.onnx_session import PROVIDERS

PACKAGES = (
    "restorekit",
    "torch",
    "torchvision",
    "timm",
    "albumentations",
    "huggingface-hub",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "pillow",
    "pydantic",
    "pluggy",
    "safetensors",
    "scikit-image",
    "typer",
)


def diagnose() -> dict[str, Any]:
    """Gather versions, devices, extras, plugins, plugins that failed, what framings need, and where caches are."""
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "devices": _devices(),
        "extras": {name: _extra(extra) for name, extra in EXTRAS.items()},
        "plugins": [dataclasses.asdict(plugin) for plugin in host().loaded],
        "failures": [dataclasses.asdict(failure) for failure in host().failures],
        "needs": _needs(),
        "caches": _caches(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _extra(extra: Extra) -> dict[str, Any]:
    return {"adds": extra.adds, "missing": extra.missing}


def _devices() -> list[str]:
    """Name what computes: by torch, or else by ONNX Runtime alone."""
    if not installed("torch"):
        import onnxruntime

        there = onnxruntime.get_available_providers()
        return [name for name, provider in PROVIDERS.items() if provider in there]
    import torch

    from restorekit.device import bf16_pays

    found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    names = {name: torch.cuda.get_device_name(name) for name in found}
    if torch.backends.mps.is_available():
        names["mps"] = "Apple GPU"
    names["cpu"] = f"{torch.get_num_threads()} threads"
    return [
        f"{device} ({name}{', bf16' if bf16_pays(torch.device(device)) else ''})"
        for device, name in names.items()
    ]


def _needs() -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in registry("framing"):
        with suppress(TypeError, RestorekitError):  # one that needs keys, or does not load
            found |= registry("framing").get(entry.name)().needs()
    return found


def _caches() -> dict[str, str]:
    from huggingface_hub.constants import HF_HUB_CACHE

    return {"hub": HF_HUB_CACHE, "restorekit": str(cache_dir())}
