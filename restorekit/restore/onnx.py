"""A network in an ONNX file as a restorer of images of any size; it needs onnxruntime, and no torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.errors import BundleError, RestorekitError, brief
from restorekit.restore.memory import out_of_memory
from restorekit.restore.model import Restorer
from restorekit.restore.onnx_metadata import KEY, OnnxMetadata

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts import Array

SUFFIX = ".onnx"

LARGEST = 2**31
"""Bytes that an ONNX file may have, by its own format."""

EXTRA = "pip install 'restorekit[onnx]'"


class OnnxRestorer(Restorer):
    """Widens images to what the graph takes, restores them and crops them back.

    Args:
        model: The bytes of an ONNX file that ``restorekit export`` wrote.
        whose: What errors call it: its path.
        device: auto, cpu, cuda or cuda:1.

    Raises:
        BundleError: They are not an ONNX model, or not one of restorekit.
        RestorekitError: onnxruntime is not installed, or has no such device.
    """

    def __init__(self, model: bytes, whose: str | Path, device: str = "auto") -> None:
        self._model, self._whose = model, whose
        provider, options = _provider(device)
        self._on_cpu = provider == "CPUExecutionProvider"
        self._session = _session(model, whose, provider, options)
        self.metadata = _metadata(self._session, whose)
        self.name, self.license = self.metadata.name, self.metadata.license
        self.footprint = self.metadata.footprint

    @classmethod
    def read(cls, file: Path, device: str = "auto") -> OnnxRestorer:
        """Make one of a file.

        Raises:
            BundleError: It cannot be read, or is not an ONNX model of restorekit.
            RestorekitError: onnxruntime is not installed, or has no such device.
        """
        try:
            if not file.exists():
                raise BundleError(f"{file}: no such file", "restorekit export BUNDLE OUT.onnx makes one")
            if not file.is_file():  # a pipe would be waited for
                raise BundleError(f"{file}: is not a file", "restorekit export BUNDLE OUT.onnx makes one")
            if file.stat().st_size > LARGEST:
                raise BundleError(f"{file}: is larger than {LARGEST // 2**30} GiB", "get the model again")
            model = file.read_bytes()
        except OSError as error:
            raise BundleError(f"{file}: cannot be read ({error.strerror})", "check its permissions") from None
        return cls(model, file, device)

    def restore(self, images: Tensor) -> Tensor:
        """Restore N,3,H,W float32 RGB in [0, 1], H and W at least 16, by way of the host's memory."""
        import torch

        arrays = self.restore_arrays(images.detach().permute(0, 2, 3, 1).cpu().numpy())
        return torch.from_numpy(arrays).permute(0, 3, 1, 2).to(images.device)

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 RGB in [0, 1], H and W at least 16, to the same size times its scale; not clamped.

        Raises:
            MemoryError: Memory does not suffice.
            BundleError: The graph fails, or gives another size than it took.
        """
        height, width = images.shape[1:3]
        multiple = self.footprint.size_multiple
        below, right = -height % multiple, -width % multiple
        widened = np.pad(images, ((0, 0), (0, below), (0, right), (0, 0)), mode="reflect")
        planes = np.ascontiguousarray(widened.transpose(0, 3, 1, 2))
        try:
            restored = self._session.run(None, {self._session.get_inputs()[0].name: planes})[0]
        except Exception as error:  # of onnxruntime's own kinds, which share no base
            if out_of_memory(error):
                raise MemoryError(brief(error)) from None
            raise BundleError(f"{self._whose}: its graph fails: {brief(error)}", "export it again") from None
        scale = self.footprint.scale
        sides = tuple(side * scale for side in planes.shape[2:])
        if restored.shape != (*planes.shape[:2], *sides):
            raise BundleError(
                f"{self._whose}: its graph gives {list(restored.shape)} of {list(planes.shape)}",
                "export it again",
            )
        return np.ascontiguousarray(restored[..., : height * scale, : width * scale].transpose(0, 2, 3, 1))

    def careful(self) -> OnnxRestorer | None:
        """Return the same network on the CPU; None if it is there."""
        return None if self._on_cpu else OnnxRestorer(self._model, self._whose, "cpu")


def _provider(device: str) -> tuple[str, dict[str, int]]:
    """Name what computes as onnxruntime does, with its options."""
    providers = _onnxruntime().get_available_providers()
    kind, _, index = device.partition(":")
    if device == "auto":
        kind = "cuda" if "CUDAExecutionProvider" in providers else "cpu"
    if kind == "cuda" and "CUDAExecutionProvider" in providers and (not index or index.isdigit()):
        return "CUDAExecutionProvider", {"device_id": int(index or 0)}
    if kind == "cpu" and not index:
        return "CPUExecutionProvider", {}
    raise RestorekitError(
        f"onnxruntime has no device '{device}' here",
        "choose auto or cpu; for cuda, install onnxruntime-gpu in place of onnxruntime",
    )


def _session(model: bytes, whose: str | Path, provider: str, options: dict[str, int]) -> Any:
    onnxruntime = _onnxruntime()
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4  # what goes wrong is raised, and need not be printed as well
    threads = os.environ.get("OMP_NUM_THREADS", "")
    settings.intra_op_num_threads = int(threads) if threads.isdecimal() else 0  # 0: all cores
    try:
        return onnxruntime.InferenceSession(model, settings, providers=[(provider, options)])
    except Exception as error:  # of onnxruntime's own kinds, which share no base
        raise BundleError(
            f"{whose}: is not an ONNX model that can be used: {brief(error)}",
            "restorekit export BUNDLE OUT.onnx makes one",
        ) from None


def _metadata(session: Any, whose: str | Path) -> OnnxMetadata:
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        raise BundleError(
            f"{whose}: is an ONNX model, but not one of restorekit",
            "restorekit export BUNDLE OUT.onnx makes one",
        )
    for ends in (session.get_inputs(), session.get_outputs()):
        if [(end.type, len(end.shape), end.shape[1:2]) for end in ends] != [("tensor(float)", 4, [3])]:
            raise BundleError(
                f"{whose}: its graph does not map N,3,H,W float32 to the same", "export it again"
            )
    try:
        return OnnxMetadata.from_json(text)
    except ValueError as error:
        raise BundleError(
            f"{whose}: its metadata cannot be used: {brief(error)}", "export it again"
        ) from None


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise RestorekitError("the engine 'onnx' needs an extra", EXTRA) from None
    return onnxruntime
