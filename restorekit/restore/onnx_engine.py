"""The engine of ONNX files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from restorekit.contracts import Engine, Restorer


@dataclass(frozen=True)
class Onnx(Engine):
    """ONNX Runtime, for files that ``restorekit export`` wrote; it needs no torch."""

    suffix: ClassVar[str] = ".onnx"

    def load(self, file: Path, device: str) -> Restorer:
        """Read the file.

        Raises:
            BundleError: It cannot be read, or is not an ONNX model of restorekit.
            RestorekitError: onnxruntime has no such device.
        """
        from restorekit.restore.onnx import OnnxRestorer

        return OnnxRestorer.read(file, device)
