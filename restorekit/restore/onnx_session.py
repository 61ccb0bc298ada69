"""ONNX Runtime: what computes, and a graph made ready for it."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

from restorekit.bundle import WEIGHTS
from restorekit.errors import BundleError, RestorekitError, brief
from restorekit.graph import check_straight

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "dml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What ONNX Runtime calls the devices that it may have."""

_AUTO = ("cuda", "dml", "cpu")
"""Those that are taken by themselves, the first that is there: CoreML takes no pictures of any size."""


def provider(device: str) -> tuple[str, dict[str, int]]:
    """Name what computes as ONNX Runtime does, with its options.

    Args:
        device: auto, cpu, cuda, cuda:1, dml or coreml.

    Raises:
        RestorekitError: It has no such device.
    """
    import onnxruntime

    there = onnxruntime.get_available_providers()
    kind, _, index = device.partition(":")
    if device == "auto":
        kind = next((name for name in _AUTO if PROVIDERS[name] in there), "cpu")
    known = PROVIDERS.get(kind) in there and (not index or (index.isdecimal() and kind in ("cuda", "dml")))
    if not known:
        raise RestorekitError(
            f"onnxruntime has no device '{device}' here",
            "choose auto or cpu; for cuda, install onnxruntime-gpu in place of onnxruntime",
        )
    return PROVIDERS[kind], {"device_id": int(index or 0)} if kind in ("cuda", "dml") else {}


def session(graph: bytes, whose: str | Path, where: tuple[str, dict[str, int]], weights: Path | None) -> Any:
    """Make a graph ready.

    Args:
        graph: An ONNX model.
        whose: What errors call it.
        where: What computes, as `provider` names it.
        weights: The file that stands for the one that the graph names; no other is read.

    Raises:
        BundleError: It is no model that can be used.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4  # what goes wrong is raised, and need not be printed as well
    threads = os.environ.get("OMP_NUM_THREADS", "")
    most = os.cpu_count() or 1
    settings.intra_op_num_threads = min(int(threads[:6]), most) if threads.isdecimal() else 0  # 0: all cores
    try:
        check_straight(graph)
        if weights is None:
            return onnxruntime.InferenceSession(graph, settings, providers=[where])
        with (
            weights.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as held,
        ):
            settings.add_external_initializers_from_files_in_memory([WEIGHTS], [held], [len(held)])
            return onnxruntime.InferenceSession(graph, settings, providers=[where])
    except Exception as error:  # of onnxruntime's own kinds, which share no base
        raise BundleError(
            f"{whose}: is not an ONNX model that can be used: {brief(error)}",
            "restorekit export BUNDLE makes one",
        ) from None
