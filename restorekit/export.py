"""A bundle as an ONNX file, which runs without torch; checked against torch before it is written."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import __version__
from restorekit.bundle import Bundle, load_bundle
from restorekit.device import resolve_device
from restorekit.errors import RestorekitError, brief
from restorekit.pyramid import pyramid
from restorekit.restore.onnx import EXTRA, SUFFIX, OnnxRestorer
from restorekit.restore.onnx_metadata import KEY, OnnxMetadata
from restorekit.restore.reach import dead_leaves
from restorekit.restore.restorer import NetworkRestorer
from restorekit.whole import write_whole

if TYPE_CHECKING:
    from torch import Tensor, nn

SIZES = ((1, 128, 128), (2, 131, 97), (1, 50, 301))
"""Pictures, height and width of what the file is checked by; two of them odd."""

MOST, MOST_HALF = 1e-4, 1 / 255
"""How far outputs may be from torch's in fp32, of a range of 1, and how far those of fp16 from torch's in fp32."""


@dataclass(frozen=True)
class Check:
    """How far an ONNX file is from torch on one size: the largest difference, of a range of 1."""

    pictures: int
    height: int
    width: int
    difference: float

    def __str__(self) -> str:
        return f"{self.pictures} x {self.height} x {self.width}: at most {self.difference:.1e} from torch"


def export_onnx(
    model: str | Path | None, path: Path, *, half: bool = False, overwrite: bool = False
) -> list[Check]:
    """Write a bundle as an ONNX file that maps N,3,H,W float32 RGB in [0, 1] to the same, not clamped.

    H and W are multiples of what its metadata states; the pyramid and the task's encoding are in the graph. What a
    restorer needs beside it is in the file's metadata under ``restorekit``, as JSON: ``OnnxMetadata``.

    Args:
        model: A bundle directory or the name of a shipped model; None for the default.
        path: The file; it ends in ``.onnx``.
        half: Whether weights and arithmetic are fp16; inputs and outputs are float32 all the same.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        What the check found at each of ``SIZES``.

    Raises:
        RestorekitError: The file exists or cannot be written, an extra is missing, the network cannot be exported,
            or what was exported does not agree with torch; nothing is written then.
        BundleError: The bundle cannot be used.
    """
    if path.suffix.lower() != SUFFIX:
        raise RestorekitError(f"{path}: is not the name of an ONNX file", f"end it in {SUFFIX}")
    if path.exists() and not overwrite:
        raise RestorekitError(f"{path}: already exists", "give overwrite=true, or another name")
    _check_extra()
    bundle = load_bundle(model)
    restorer = NetworkRestorer(
        bundle.module(), bundle.network, bundle.tasks, bundle.geometry, resolve_device("cpu")
    )
    graph = _graph(bundle, restorer.size_multiple, half)
    data = _with_metadata(graph, _metadata(bundle, restorer, half))
    checks = list(_checks(restorer, OnnxRestorer(data, path, "cpu")))
    most = MOST_HALF if half else MOST
    if not all(check.difference <= most for check in checks):  # not finite is no agreement either
        found = ", ".join(f"{check.difference:.1e}" for check in checks)
        hint = (
            "export it without half=true" if half else "its network does something that ONNX does otherwise"
        )
        raise RestorekitError(
            f"{bundle.name} as ONNX is up to {found} from torch, more than {most:.1e}", hint
        )
    try:
        write_whole(path, data)
    except OSError as error:
        raise RestorekitError(f"cannot write {path}: {error}", "make room or choose another place") from None
    return checks


def _check_extra() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        raise RestorekitError("exporting needs an extra", EXTRA) from None


def _graph(bundle: Bundle, multiple: int, half: bool) -> Any:
    """Trace the network, from pictures to pictures, as a model of the ``onnx`` package."""
    import torch
    from torch.export import Dim

    least = -(-96 // multiple)
    sample = torch.rand(2, 3, least * multiple, (least + 1) * multiple)
    shapes = {0: Dim("pictures"), 2: multiple * Dim("rows"), 3: multiple * Dim("columns")}
    try:
        with _quiet():
            program = torch.onnx.export(
                _finest(bundle, half),
                (sample,),
                dynamo=True,
                dynamic_shapes={"images": shapes},
                input_names=["images"],
                output_names=["restored"],
                verbose=False,
            )
            assert program is not None  # it is None where a file is named
            return program.model_proto
    except Exception as error:  # whatever torch and a plugin's network raise of each other
        raise RestorekitError(
            f"{bundle.name}: its network cannot be exported: {brief(error)}",
            "a network that exports takes sizes from shape, not from len or numbers of its own",
        ) from error


def _finest(bundle: Bundle, half: bool) -> nn.Module:
    """Return what maps pictures to the finest output of the image task."""
    from torch import nn

    task, scales = bundle.tasks["image"], bundle.network.scales
    network = bundle.module()

    class Finest(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network.half() if half else network

        def forward(self, images: Tensor) -> Tensor:
            levels = [task.encode(level) for level in pyramid(images, scales)]  # in fp32 either way
            if half:
                levels = [level.half() for level in levels]
            finest: Tensor = self.network({"image": levels})["image"][-1]
            return finest.float()

    return Finest().eval()


def _metadata(bundle: Bundle, restorer: NetworkRestorer, half: bool) -> OnnxMetadata:
    return OnnxMetadata(
        restorekit=__version__,
        name=bundle.name,
        license=bundle.license,
        geometry=bundle.geometry,
        size_multiple=restorer.size_multiple,
        scales=bundle.network.scales,
        margin=bundle.network.margin,
        tile=bundle.network.tile,
        pixel_memory=restorer.footprint.pixel_memory,
        half=half,
        scale=bundle.network.scale,
    )


def _with_metadata(graph: Any, metadata: OnnxMetadata) -> bytes:
    """Add the metadata, in place of the exporter's, which names files of this machine."""
    parts = graph.graph
    for part in (
        graph,
        parts,
        *parts.node,
        *parts.value_info,
        *parts.input,
        *parts.output,
        *parts.initializer,
    ):
        part.ClearField("metadata_props")
    entry = graph.metadata_props.add()
    entry.key, entry.value = KEY, metadata.to_json()
    graph.producer_name, graph.producer_version = "restorekit", metadata.restorekit
    data: bytes = graph.SerializeToString()
    return data


def _checks(restorer: NetworkRestorer, exported: OnnxRestorer) -> Iterator[Check]:
    for pictures, height, width in SIZES:
        drawn = [dead_leaves(max(height, width), seed)[:height, :width] for seed in range(pictures)]
        images = np.stack(drawn)  # blurred, so that there is something to restore
        difference = np.abs(exported.restore_arrays(images) - restorer.restore_arrays(images)).max()
        yield Check(pictures, height, width, float(difference))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporter says of its own inner workings from the user."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
