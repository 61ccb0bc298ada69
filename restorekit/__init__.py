"""restorekit: a plugin-based image-restoration toolkit.

Everything public is importable from here and loads on first use; importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else importing onnxruntime tells its maker

if TYPE_CHECKING:
    from restorekit.cache import cache_dir
    from restorekit.cli.restore import framed_command
    from restorekit.contracts import (
        AdversarialLoss,
        Augmentation,
        Batch,
        Board,
        Change,
        Clip,
        ClipProgress,
        ClipResult,
        Container,
        Criterion,
        Crop,
        Degradation,
        Engine,
        Footprint,
        FrameRestorer,
        Item,
        Loss,
        Measure,
        Metric,
        Network,
        Optimiser,
        Outputs,
        Schedule,
        Source,
        Task,
        TrackedRun,
        Tracker,
    )
    from restorekit.contracts.array import Array
    from restorekit.data.image_task import ImageTask
    from restorekit.errors import DataError, ImageError, RestorekitError
    from restorekit.evaluation.call import evaluate
    from restorekit.evaluation.load import load_protocol
    from restorekit.evaluation.protocol import MetricStep, Protocol
    from restorekit.evaluation.score import Row
    from restorekit.framing import FrameLook, Framing, Part, View, WholeView
    from restorekit.hookspecs import Register, hookimpl
    from restorekit.hub.fetch import fetch
    from restorekit.images import read_rgb as read_image
    from restorekit.images import write_rgb as write_image
    from restorekit.one_scale_module import OneScale
    from restorekit.plugins import registry
    from restorekit.reading import read_text
    from restorekit.recipe import Data, Optim, Recipe, Stage, Step, Term, Train, Validation, load_recipe
    from restorekit.restore.batch import Outcome
    from restorekit.restore.call import restore_image
    from restorekit.restore.files import restore_files
    from restorekit.restore.load import load_restorer
    from restorekit.restore.model import Restorer
    from restorekit.tensors import fill_weights
    from restorekit.training.loop import train
    from restorekit.whole import write_whole

_HOMES = {
    "AdversarialLoss": "contracts",
    "Array": "contracts.array",
    "Augmentation": "contracts",
    "Batch": "contracts",
    "Board": "contracts",
    "Change": "contracts",
    "Clip": "contracts",
    "ClipProgress": "contracts",
    "ClipResult": "contracts",
    "Container": "contracts",
    "Criterion": "contracts",
    "Crop": "contracts",
    "Data": "recipe",
    "DataError": "errors",
    "Degradation": "contracts",
    "Engine": "contracts",
    "Footprint": "contracts",
    "FrameRestorer": "contracts",
    "FrameLook": "framing",
    "Framing": "framing",
    "ImageError": "errors",
    "ImageTask": "data.image_task",
    "Item": "contracts",
    "Loss": "contracts",
    "Measure": "contracts",
    "Metric": "contracts",
    "MetricStep": "evaluation.protocol",
    "Network": "contracts",
    "OneScale": "one_scale_module",
    "Optim": "recipe",
    "Optimiser": "contracts",
    "Outcome": "restore.batch",
    "Outputs": "contracts",
    "Part": "framing",
    "Protocol": "evaluation.protocol",
    "Recipe": "recipe",
    "Register": "hookspecs",
    "RestorekitError": "errors",
    "Restorer": "restore.model",
    "Row": "evaluation.score",
    "Schedule": "contracts",
    "Source": "contracts",
    "Stage": "recipe",
    "Step": "recipe",
    "Task": "contracts",
    "Term": "recipe",
    "TrackedRun": "contracts",
    "Tracker": "contracts",
    "Train": "recipe",
    "Validation": "recipe",
    "View": "framing",
    "WholeView": "framing",
    "cache_dir": "cache",
    "evaluate": "evaluation.call",
    "fetch": "hub.fetch",
    "fill_weights": "tensors",
    "framed_command": "cli.restore",
    "hookimpl": "hookspecs",
    "load_protocol": "evaluation.load",
    "load_recipe": "recipe",
    "load_restorer": "restore.load",
    "read_image": "images:read_rgb",
    "read_text": "reading",
    "registry": "plugins",
    "restore_files": "restore.files",
    "restore_image": "restore.call",
    "train": "training.loop",
    "write_image": "images:write_rgb",
    "write_whole": "whole",
}
"""The module of each name, and what it is called there if that is something else."""

__all__ = [
    "AdversarialLoss",
    "Array",
    "Augmentation",
    "Batch",
    "Board",
    "Change",
    "Clip",
    "ClipProgress",
    "ClipResult",
    "Container",
    "Criterion",
    "Crop",
    "Data",
    "DataError",
    "Degradation",
    "Engine",
    "Footprint",
    "FrameLook",
    "FrameRestorer",
    "Framing",
    "ImageError",
    "ImageTask",
    "Item",
    "Loss",
    "Measure",
    "Metric",
    "MetricStep",
    "Network",
    "OneScale",
    "Optim",
    "Optimiser",
    "Outcome",
    "Outputs",
    "Part",
    "Protocol",
    "Recipe",
    "Register",
    "RestorekitError",
    "Restorer",
    "Row",
    "Schedule",
    "Source",
    "Stage",
    "Step",
    "Task",
    "Term",
    "TrackedRun",
    "Tracker",
    "Train",
    "Validation",
    "View",
    "WholeView",
    "__version__",
    "cache_dir",
    "evaluate",
    "fetch",
    "fill_weights",
    "framed_command",
    "hookimpl",
    "load_protocol",
    "load_recipe",
    "load_restorer",
    "read_image",
    "read_text",
    "registry",
    "restore_files",
    "restore_image",
    "train",
    "write_image",
    "write_whole",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'restorekit' has no attribute '{name}'")
    module, _, there = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f"restorekit.{module}"), there or name)


def __dir__() -> list[str]:
    return __all__
