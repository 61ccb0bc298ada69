"""The graph of a bundle: an ONNX file whose weights lie in the bundle's safetensors file, each at its place.

Only what must be known of a graph before ONNX Runtime gets it is read here: what it says of itself, and which of its
tensors lie elsewhere. The numbers of fields are those of onnx.proto, the encoding is that of protocol buffers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from restorekit.bundle import GRAPH, WEIGHTS, Bundle
from restorekit.errors import BundleError, brief
from restorekit.reading import GRAPH_MOST
from restorekit.tensors import Place, places

KEY = "restorekit"
"""The key of an ONNX file's properties under which it describes itself, as JSON."""

TYPES = {
    "F64": 11,
    "F32": 1,
    "F16": 10,
    "BF16": 16,
    "I64": 7,
    "I32": 6,
    "I16": 5,
    "I8": 3,
    "U8": 2,
    "BOOL": 9,
}
"""What ONNX calls the types of safetensors."""

OUTSIDE = "weights/"
"""What comes before the name of a tensor in the weights, so that it cannot be that of anything else in the graph."""

_INNER = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Where in a message, by field, others lie that may hold tensors."""

_PROPERTIES = 14
"""The field of a model that holds what it says of itself, by name."""

_GRAPH, _FUNCTIONS, _NODES, _ATTRIBUTES = 7, 25, 1, 5
_BRANCHES = frozenset({6, 11})
"""The fields of a model, a graph, a node and an attribute that lead to the graphs within a step."""

_DIMS, _TYPE, _NAME, _EXTERNAL, _LOCATION = 1, 2, 8, 13, 14


def read_graph(bundle: Bundle) -> bytes:
    """Read a bundle's graph, and see that it was made of this bundle, and that nothing of it lies elsewhere.

    Raises:
        BundleError: It cannot be read, was made of other weights or of another network, or names another file, place,
            shape or type than the weights have.
    """
    file = bundle.path / GRAPH
    try:
        if not file.is_file():
            raise ValueError("not a file")
        with file.open("rb") as stream:
            data = stream.read(GRAPH_MOST + 1)
        if len(data) > GRAPH_MOST:
            raise ValueError(f"larger than {GRAPH_MOST // 2**20} MiB")
        check_places(data, places(bundle.path / WEIGHTS))
        if properties(data).get("bundle") != digest(bundle.path / WEIGHTS, bundle.tables):
            raise ValueError("it was made of other weights, or of another network, than the bundle has")
    except (OSError, ValueError, IndexError, RecursionError) as error:
        raise BundleError(
            f"{file} cannot be used: {brief(error)}", f"make it again with restorekit export {bundle.path}"
        ) from None
    return data


def properties(graph: bytes) -> Mapping[str, Any]:
    """Return what a graph says of itself; a ValueError if it says nothing."""
    entries = dict(_entry(each) for each in _fields(memoryview(graph)).get(_PROPERTIES, ()))
    found = json.loads(entries.get(KEY, "null"))
    if not isinstance(found, dict):
        raise ValueError("it is an ONNX model, but not one of restorekit")
    return found


def digest(weights: Path, tables: Mapping[str, Any]) -> str:
    """Return what tells one bundle from another: the SHA-256 of its weights and of its network's and tasks' tables."""
    found = hashlib.sha256(json.dumps(tables, sort_keys=True).encode())
    with weights.open("rb") as stream:
        while part := stream.read(2**20):
            found.update(part)
    return found.hexdigest()


def check_places(graph: bytes, held: Mapping[str, Place]) -> None:
    """See that each tensor of a graph that lies elsewhere is one of the weights, at its place in their file.

    Raises:
        ValueError: One is not, or the graph is no message of protocol buffers.
        IndexError: It ends too early.
    """
    for tensor in _external(memoryview(graph), "model"):
        name = _text(tensor, _NAME)
        told = dict(_entry(each) for each in tensor[_EXTERNAL])
        if told.get("location") != WEIGHTS:
            raise ValueError(f"a tensor lies in another file, {told.get('location')!r}")
        place = held.get(name.removeprefix(OUTSIDE))
        if place is None:
            raise ValueError(f"the weights have no '{name}'")
        if (told.get("offset"), told.get("length")) != (str(place.offset), str(place.length)):
            raise ValueError(f"'{name}' does not lie where it says")
        shape = tuple(side for field in tensor.get(_DIMS, []) for side in _numbers(field))
        if (shape, tensor.get(_TYPE)) != (place.shape, [TYPES.get(place.dtype)]):
            raise ValueError(f"'{name}' has another shape or type in the weights")


def check_straight(graph: bytes) -> None:
    """See that each step of a graph is taken once: loops may have no end, functions of functions unfold to any size.

    Raises:
        ValueError: It has loops, branches or functions, or is no message of protocol buffers.
        IndexError: It ends too early.
    """
    fields = _fields(memoryview(graph))
    if fields.get(_FUNCTIONS):
        raise ValueError("it has functions of its own")
    for part in fields.get(_GRAPH, ()):
        for node in _fields(part).get(_NODES, ()):
            for attribute in _fields(node).get(_ATTRIBUTES, ()):
                if not _BRANCHES.isdisjoint(_fields(attribute)):
                    raise ValueError("it has loops or branches")


def _external(message: memoryview, kind: str) -> Iterator[dict[int, list[Any]]]:
    """Yield the fields of the tensors that lie in files."""
    fields = _fields(message)
    if kind == "tensor":
        if _EXTERNAL in fields or fields.get(_LOCATION, [0]) != [0]:
            yield {_EXTERNAL: []} | fields
        return
    for number, inner in _INNER[kind].items():
        for each in fields.get(number, ()):
            yield from _external(each, inner)


def _entry(message: memoryview) -> tuple[str, str]:
    fields = _fields(message)
    return _text(fields, 1), _text(fields, 2)


def _text(fields: Mapping[int, list[Any]], number: int) -> str:
    value = fields.get(number, [memoryview(b"")])[-1]
    if not isinstance(value, memoryview):
        raise ValueError("it is no ONNX model")
    return bytes(value).decode()


def _fields(message: Any) -> dict[int, list[Any]]:
    """Split a message into the values of its fields: numbers, or views of what has a length."""
    if not isinstance(message, memoryview):
        raise ValueError("it is no ONNX model")
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        value: Any
        if tag & 7 == 0:
            value, at = _number(message, at)
        elif tag & 7 == 2:
            length, at = _number(message, at)
            value = message[at : at + length]
            if len(value) < length:
                raise IndexError("it ends too early")
            at += length
        elif tag & 7 in (1, 5):
            size = 8 if tag & 7 == 1 else 4
            value, at = message[at : at + size], at + size
        else:
            raise ValueError("it is no ONNX model")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _number(message: memoryview, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and say where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("it is no ONNX model")


def _numbers(field: int | memoryview) -> Iterator[int]:
    """Yield the one number of a field, or those that are packed into it."""
    if isinstance(field, int):
        yield field
        return
    at = 0
    while at < len(field):
        value, at = _number(field, at)
        yield value
