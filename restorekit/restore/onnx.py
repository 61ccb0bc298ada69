"""A network as an ONNX graph, restoring images of any size by ONNX Runtime; it needs no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.bundle import GRAPH, WEIGHTS, Bundle
from restorekit.contracts import Task
from restorekit.device import out_of_memory
from restorekit.errors import BundleError, brief
from restorekit.graph import KEY, read_graph
from restorekit.restore.facts import Predictions, telling_tasks, told_facts
from restorekit.restore.model import Restorer
from restorekit.restore.onnx_metadata import OnnxMetadata
from restorekit.restore.onnx_session import provider, session

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts import Array

SUFFIX = ".onnx"

LARGEST = 2**31
"""Bytes that an ONNX file may have, by its own format."""


class OnnxRestorer(Restorer):
    """Widens images to what the graph takes, restores them and crops them back.

    Args:
        model: The bytes of an ONNX file that ``restorekit export`` wrote.
        whose: What errors call it: its path.
        device: auto, cpu, cuda, cuda:1, dml or coreml.
        bundle: The bundle that has its weights, and says what it is called; None if it holds them itself.

    Raises:
        BundleError: They are not an ONNX model, or not one of restorekit.
        RestorekitError: onnxruntime has no such device.
    """

    def __init__(
        self, model: bytes, whose: str | Path, device: str = "auto", bundle: Bundle | None = None
    ) -> None:
        self._model, self._whose, self._bundle = model, whose, bundle
        where = provider(device)
        self._on_cpu = where[0] == "CPUExecutionProvider"
        self._session = session(model, whose, where, bundle.path / WEIGHTS if bundle else None)
        self.metadata = _metadata(self._session, whose)
        self.name, self.license = self.metadata.name, self.metadata.license
        self.footprint = self.metadata.footprint
        self._tasks: Mapping[str, Task] = {}
        self._predictions = Predictions()
        if bundle is not None:
            self.name, self.license = bundle.name, bundle.license
            self.footprint = replace(self.footprint, geometry=bundle.geometry)
            made = {end.name for end in self._session.get_outputs()}
            self._tasks = {name: bundle.tasks[name] for name in telling_tasks(bundle.tasks) if name in made}

    @property
    def digest(self) -> str:
        """What tells it from others: the SHA-256 of its graph, which names the digest of weights that lie elsewhere."""
        return hashlib.sha256(self._model).hexdigest()

    @classmethod
    def of(cls, bundle: Bundle, device: str = "auto") -> OnnxRestorer:
        """Make one of a bundle's graph, which must belong to its weights.

        Raises:
            BundleError: It does not, or cannot be read.
            RestorekitError: onnxruntime has no such device.
        """
        return cls(read_graph(bundle), bundle.path / GRAPH, device, bundle)

    @classmethod
    def read(cls, file: Path, device: str = "auto") -> OnnxRestorer:
        """Make one of a file.

        Raises:
            BundleError: It cannot be read, or is not an ONNX model of restorekit.
            RestorekitError: onnxruntime has no such device.
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
        planes = self._planes(images)
        if min(planes.shape[2:]) < self.metadata.least:
            return images.copy()
        image = self._session.get_outputs()[0].name
        restored, *others = self._run(planes, [image, *self._tasks])
        scale = self.footprint.scale
        sides = tuple(side * scale for side in planes.shape[2:])
        if restored.shape != (*planes.shape[:2], *sides):
            raise BundleError(
                f"{self._whose}: its graph gives {list(restored.shape)} of {list(planes.shape)}",
                "export it again",
            )
        self._predictions.keep(images, dict(zip(self._tasks, others, strict=True)))
        return np.ascontiguousarray(restored[..., : height * scale, : width * scale].transpose(0, 2, 3, 1))

    def examine(self, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Say of each image what the predictions of other tasks tell, such as its blur kernel."""
        planes = self._planes(images)
        if not self._tasks or min(planes.shape[2:]) < self.metadata.least:
            return [{} for _ in images]
        predicted = self._predictions.of(images)
        if predicted is None:
            predicted = dict(zip(self._tasks, self._run(planes, list(self._tasks)), strict=True))
        return told_facts(self._tasks, predicted, images, restored)

    def _planes(self, images: Array) -> Array:
        """Return N,H,W,3 as N,3,H,W, continued by reflection to sides that the graph takes."""
        height, width = images.shape[1:3]
        multiple = self.footprint.size_multiple
        below, right = -height % multiple, -width % multiple
        widened = np.pad(images, ((0, 0), (0, below), (0, right), (0, 0)), mode="reflect")
        return np.ascontiguousarray(widened.transpose(0, 3, 1, 2))

    def _run(self, planes: Array, outputs: Sequence[str]) -> list[Array]:
        try:
            made: list[Array] = self._session.run(outputs, {self._session.get_inputs()[0].name: planes})
        except Exception as error:  # of onnxruntime's own kinds, which share no base
            if out_of_memory(error):
                raise MemoryError(brief(error)) from None
            raise BundleError(f"{self._whose}: its graph fails: {brief(error)}", "export it again") from None
        return made

    def careful(self) -> OnnxRestorer | None:
        """Return the same network on the CPU; None if it is there."""
        return None if self._on_cpu else OnnxRestorer(self._model, self._whose, "cpu", self._bundle)


def _metadata(session: Any, whose: str | Path) -> OnnxMetadata:
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        raise BundleError(
            f"{whose}: is an ONNX model, but not one of restorekit",
            "restorekit export BUNDLE OUT.onnx makes one",
        )
    for ends in (session.get_inputs(), session.get_outputs()[:1]):
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
