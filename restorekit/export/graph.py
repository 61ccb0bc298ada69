"""The graph of a bundle: an ONNX model whose weights are those of the bundle's own file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from restorekit.bundle import GRAPH, WEIGHTS, load_bundle
from restorekit.errors import RestorekitError
from restorekit.export.check import Check, checked
from restorekit.export.finish import finish
from restorekit.export.trace import INNER, metadata, need_exporter, trace, trained
from restorekit.graph import OUTSIDE, TYPES, check_places, digest
from restorekit.reading import GRAPH_MOST
from restorekit.restore.onnx import OnnxRestorer
from restorekit.tensors import Place, places
from restorekit.whole import write_whole


def add_graph(model: str | Path | None) -> list[Check]:
    """Write a bundle's graph beside its weights, replacing one that is there; with it, it runs without torch.

    The weights stay in their file, as they are, fp16 too: the graph says at which byte each begins.

    Args:
        model: A bundle directory or the name of a shipped model; None for the default.

    Returns:
        What the check found at each of ``SIZES``.

    Raises:
        RestorekitError: An extra is missing, the graph cannot be written, the network cannot be exported, or the graph
            does not agree with torch; nothing is written then.
        BundleError: The bundle cannot be used.
    """
    need_exporter()
    bundle = load_bundle(model)
    restorer, file = trained(bundle), bundle.path / GRAPH
    traced, held = trace(bundle, restorer.size_multiple, facts=True), places(bundle.path / WEIGHTS)
    _point_outside(traced, held, bundle.path / WEIGHTS)

    def load(data: bytes) -> OnnxRestorer:
        check_places(data, held)
        return OnnxRestorer(data, file, "cpu", bundle)

    told = metadata(bundle, restorer, False, digest(bundle.path / WEIGHTS, bundle.tables))
    data, exported = finish(traced, told, restorer, load)
    if len(data) > GRAPH_MOST:
        raise RestorekitError(
            f"{bundle.name}: its graph would hold {len(data):,} bytes beside the weights",
            "restorekit export BUNDLE OUT.onnx puts all into one file",
        )
    checks = checked(restorer, exported)
    try:
        write_whole(file, data)
    except OSError as error:
        raise RestorekitError(f"cannot write {file}: {error}", "copy the bundle to another place") from None
    return checks


def _point_outside(traced: Any, held: Mapping[str, Place], file: Path) -> None:
    """Take the weights out of a model: in place of each comes where it lies in the file, and a cast to its type."""
    from onnx import TensorProto, helper, numpy_helper

    graph = traced.graph
    with file.open("rb") as stream:
        for tensor in graph.initializer:
            name = tensor.name.removeprefix(INNER)
            place = held.get(name)
            if place is None or place.shape != tuple(tensor.dims):
                continue
            stream.seek(place.offset)
            kind = helper.tensor_dtype_to_np_dtype(TYPES[place.dtype])
            stored = np.frombuffer(stream.read(place.length), kind).reshape(place.shape)
            value = numpy_helper.to_array(tensor)
            if not np.array_equal(stored.astype(value.dtype), value):  # the exporter computed something of it
                continue
            cast = helper.make_node("Cast", [OUTSIDE + name], [tensor.name], to=tensor.data_type)
            graph.node.insert(0, cast)
            outside = TensorProto(name=OUTSIDE + name, data_type=TYPES[place.dtype], dims=place.shape)
            outside.data_location = TensorProto.EXTERNAL
            for key, told in (("location", WEIGHTS), ("offset", place.offset), ("length", place.length)):
                outside.external_data.add(key=key, value=str(told))
            tensor.CopyFrom(outside)
