"""A trained face finder as an ONNX file."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import RestorekitError, fill_weights, read_text, write_whole
from restorekit_faces.finder.maps import STRIDE
from restorekit_faces.finder.network import FaceFinder

if TYPE_CHECKING:
    from torch import nn

MOST = 1e-2
"""How far a map may be from torch's: weights are stored in fp16."""


def export_finder(bundle: Path, path: Path) -> None:
    """Write the network of a bundle as an ONNX file that maps 1,3,H,W RGB in [0, 1] to maps of faces.

    H and W are multiples of 8. Weights are fp16 and cast when it is loaded; the arithmetic is float32.

    Args:
        bundle: What ``restorekit train face_detector`` made.
        path: The file.

    Raises:
        RestorekitError: It is no such bundle, an extra is missing, OpenCV does not compute the same, or the file cannot
            be written.
    """
    _check_extra()
    config, module = _load(bundle)
    data = _halved(_traced(module), {key: str(config.get(key, "")) for key in ("name", "license", "steps")})
    _check(module, data)
    try:
        write_whole(path, data)
    except OSError as error:
        raise RestorekitError(f"cannot write {path}: {error}", "make room or choose another place") from None


def _check_extra() -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        raise RestorekitError("exporting needs an extra", "pip install 'restorekit[train]'") from None


def _load(bundle: Path) -> tuple[Mapping[str, Any], nn.Module]:
    try:
        config = json.loads(read_text(bundle / "config.json"))
        table = dict(config["network"])
        if table.pop("type") != "face_finder":
            raise ValueError("another network")
        network = FaceFinder(**{key: tuple(value) for key, value in table.items()})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise RestorekitError(
            f"{bundle} is not the bundle of a face finder", "train one: restorekit train face_detector"
        ) from None
    module = network.build({})
    fill_weights(module, bundle / "model.safetensors")
    return config, module.eval()


def _traced(module: nn.Module) -> Any:
    """Trace the maps, as a model of the ``onnx`` package."""
    import torch
    from torch.export import Dim

    module.forward = module.maps
    shapes = ({2: STRIDE * Dim("rows"), 3: STRIDE * Dim("columns")},)
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module,
                (torch.rand(1, 3, 64, 80),),
                dynamo=True,
                dynamic_shapes=shapes,
                input_names=["images"],
                output_names=["maps"],
                verbose=False,
            )
    finally:
        logging.disable(logging.NOTSET)
    assert program is not None  # it is None where a file is named
    return program.model_proto


def _halved(model: Any, metadata: Mapping[str, str]) -> bytes:
    """Store weights in fp16, each with a cast, and the metadata in place of the exporter's, which names files."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    for part in (
        model,
        graph,
        *graph.node,
        *graph.value_info,
        *graph.input,
        *graph.output,
        *graph.initializer,
    ):
        part.ClearField("metadata_props")
    helper.set_model_props(model, {key: value for key, value in metadata.items() if value})
    weights, nodes = list(graph.initializer), list(graph.node)
    del graph.initializer[:], graph.node[:]
    for weight in weights:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32:
            name = f"{weight.name}.half"
            graph.node.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
            weight = numpy_helper.from_array(values.astype(np.float16), name)
        graph.initializer.append(weight)
    graph.node.extend(nodes)
    model.producer_name = "restorekit"
    data: bytes = model.SerializeToString()
    return data


def _check(module: nn.Module, data: bytes) -> None:
    """Compare OpenCV's maps with torch's."""
    import cv2
    import torch

    net: Any = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    for height, width in ((64, 80), (136, 96)):
        images = np.random.default_rng(0).random((1, 3, height, width), np.float32)
        net.setInput(images)
        with torch.no_grad():
            wanted = module(torch.from_numpy(images)).numpy()
        difference = float(np.abs(net.forward() - wanted).max())
        if not difference < MOST * max(1, float(np.abs(wanted).max())):
            raise RestorekitError(
                f"OpenCV's maps are up to {difference:.1e} from torch's", "try another version of OpenCV"
            )
