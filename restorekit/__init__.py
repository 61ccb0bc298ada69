"""restorekit: a plugin-based image-restoration toolkit.

Everything public is importable from here and loads on first use; importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

os.environ.setdefault(
    "ORT_DISABLE_TELEMETRY", "1"
)  # or importing onnxruntime tells its maker of this machine

if TYPE_CHECKING:
    from restorekit.contracts import (
        AdversarialLoss,
        Batch,
        Degradation,
        Item,
        Loss,
        Metric,
        Network,
        Outputs,
        Restorer,
        Source,
        Task,
    )
    from restorekit.errors import RestorekitError
    from restorekit.framing import Framing, Part, View
    from restorekit.hookspecs import hookimpl
    from restorekit.plugins import registry
    from restorekit.recipe import load_recipe
    from restorekit.restore.call import restore_image
    from restorekit.restore.load import load_restorer
    from restorekit.training.loop import train

_HOMES = {
    "AdversarialLoss": "contracts",
    "Batch": "contracts",
    "Degradation": "contracts",
    "Framing": "framing",
    "Item": "contracts",
    "Loss": "contracts",
    "Metric": "contracts",
    "Network": "contracts",
    "Outputs": "contracts",
    "Part": "framing",
    "Restorer": "contracts",
    "RestorekitError": "errors",
    "Source": "contracts",
    "Task": "contracts",
    "View": "framing",
    "hookimpl": "hookspecs",
    "load_recipe": "recipe",
    "load_restorer": "restore.load",
    "registry": "plugins",
    "restore_image": "restore.call",
    "train": "training.loop",
}

__all__ = [
    "AdversarialLoss",
    "Batch",
    "Degradation",
    "Framing",
    "Item",
    "Loss",
    "Metric",
    "Network",
    "Outputs",
    "Part",
    "Restorer",
    "RestorekitError",
    "Source",
    "Task",
    "View",
    "__version__",
    "hookimpl",
    "load_recipe",
    "load_restorer",
    "registry",
    "restore_image",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'restorekit' has no attribute '{name}'")
    return getattr(importlib.import_module(f"restorekit.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
