"""From a traced model to the bytes of a file: with metadata, and told from what side on its graph takes pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Restorer
from restorekit.errors import BundleError, RestorekitError
from restorekit.graph import KEY
from restorekit.restore.onnx import OnnxRestorer
from restorekit.restore.onnx_metadata import OnnxMetadata
from restorekit.restore.reach import dead_leaves

if TYPE_CHECKING:
    from restorekit.contracts import Array

_LARGEST_LEAST = 128
"""Side up to which a graph may fail."""


def finish(
    graph: Any, facts: OnnxMetadata, trained: Restorer, load: Callable[[bytes], OnnxRestorer]
) -> tuple[bytes, OnnxRestorer]:
    """Write metadata into a model, and find from what side on its graph works.

    A network may leave pictures alone that are smaller than its blur kernel, which no graph of it can; ``least`` says
    then that the graph is not run.

    Args:
        graph: A model of the ``onnx`` package.
        facts: What is known of it.
        trained: What torch makes of pictures.
        load: Makes a restorer of the bytes.

    Returns:
        The bytes of the file, and what restores by them.

    Raises:
        RestorekitError: The graph works at no size.
    """
    data = _with_metadata(graph, facts)
    exported = load(data)
    least = _least(trained, exported, facts.size_multiple)
    if least == 1:
        return data, exported
    data = _with_metadata(graph, replace(facts, least=least))
    return data, load(data)


def _least(trained: Restorer, exported: OnnxRestorer, multiple: int) -> int:
    """Return the least side that the graph takes, 1 for any, where torch leaves smaller pictures as they are."""
    side = multiple * -(-16 // multiple)
    while side < _LARGEST_LEAST and not _takes(trained, side):
        side += multiple
    first = side
    while side < _LARGEST_LEAST and _left_by_torch_alone(trained, exported, side):
        side += multiple
    try:
        exported.restore_arrays(_pictures(side))
    except BundleError as error:
        raise RestorekitError(
            f"{trained.name} as ONNX takes no {side} x {side} pixels: {error.message}",
            "a network that exports takes sizes from shape, not from len or numbers of its own",
        ) from error
    return 1 if side == first else side


def _pictures(side: int) -> Array:
    """Return drawn pictures, 8,side,side,3: sharp and blurred ones, as a network may leave alone some of them."""
    drawn = np.stack([dead_leaves(side, seed) for seed in range(4)])
    shifted = [np.roll(drawn, (y, x), (1, 2)) for y in range(4) for x in range(4)]
    return np.concatenate([drawn, np.mean(shifted, axis=0, dtype=np.float32)])


def _takes(trained: Restorer, side: int) -> bool:
    try:
        trained.restore_arrays(_pictures(side))
    except RestorekitError:
        return False
    return True


def _left_by_torch_alone(trained: Restorer, exported: OnnxRestorer, side: int) -> bool:
    """Whether torch gives a picture back as it is, while the graph fails or changes it."""
    images = _pictures(side)
    if not np.array_equal(trained.restore_arrays(images), images):
        return False
    try:
        return not np.allclose(exported.restore_arrays(images), images, rtol=0, atol=1e-6)
    except BundleError:
        return True


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
