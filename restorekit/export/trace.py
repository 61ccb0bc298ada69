"""A network as a model of the ``onnx`` package: traced by torch, from pictures to pictures."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from restorekit import __version__
from restorekit.bundle import Bundle
from restorekit.device import resolve_device
from restorekit.errors import RestorekitError, brief
from restorekit.extras import need
from restorekit.pyramid import pyramid
from restorekit.restore.facts import telling_tasks
from restorekit.restore.onnx_metadata import OnnxMetadata
from restorekit.restore.restorer import NetworkRestorer

if TYPE_CHECKING:
    from torch import Tensor, nn

INNER = "network."
"""What the exporter puts before the names of a network's weights."""


def need_exporter() -> None:
    """See that what exports is installed.

    Raises:
        RestorekitError: It is not.
    """
    need("train", "export", "torch")
    need("onnx", "export")


def trained(bundle: Bundle) -> NetworkRestorer:
    """Return a bundle as torch runs it, on the CPU: what is exported must agree with it."""
    return NetworkRestorer(
        bundle.module(),
        bundle.network,
        bundle.tasks,
        bundle.geometry,
        resolve_device("cpu"),
        bundle.name,
        bundle.license,
    )


def trace(bundle: Bundle, multiple: int, half: bool = False, *, facts: bool = False) -> Any:
    """Trace a bundle's network.

    Args:
        bundle: The bundle.
        multiple: What height and width are multiples of.
        half: Whether it computes in fp16; inputs and outputs are float32 all the same.
        facts: Whether the predictions of tasks that tell facts are outputs as well, by the tasks' names.

    Raises:
        RestorekitError: It cannot be exported.
    """
    import torch
    from torch.export import Dim

    least = -(-96 // multiple)
    sample = torch.rand(2, 3, least * multiple, (least + 1) * multiple)
    shapes = {0: Dim("pictures"), 2: multiple * Dim("rows"), 3: multiple * Dim("columns")}
    telling = telling_tasks(bundle.tasks) if facts else []
    try:
        with _quiet():
            program = torch.onnx.export(
                _finest(bundle, ["image", *telling], half),
                (sample,),
                dynamo=True,
                dynamic_shapes={"images": shapes},
                input_names=["images"],
                output_names=["restored", *telling],
                verbose=False,
            )
            assert program is not None  # it is None where a file is named
            return program.model_proto
    except Exception as error:  # whatever torch and a plugin's network raise of each other
        raise RestorekitError(
            f"{bundle.name}: its network cannot be exported: {brief(error)}",
            "a network that exports takes sizes from shape, not from len or numbers of its own",
        ) from error


def _finest(bundle: Bundle, tasks: list[str], half: bool) -> nn.Module:
    """Return what maps pictures to the finest output of each task."""
    from torch import nn

    scales, network = bundle.network.scales, bundle.module()

    class Finest(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network.half() if half else network

        def forward(self, images: Tensor) -> tuple[Tensor, ...]:
            levels = pyramid(images, scales)
            inputs = {name: [bundle.tasks[name].encode(level) for level in levels] for name in tasks}
            if half:  # encoded in fp32 either way
                inputs = {name: [level.half() for level in seen] for name, seen in inputs.items()}
            outputs = self.network(inputs)
            return tuple(outputs[name][-1].float() for name in tasks)

    return Finest().eval()


def metadata(bundle: Bundle, restorer: NetworkRestorer, half: bool, digest: str = "") -> OnnxMetadata:
    """Say what a restorer needs beside the graph."""
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
        bundle=digest,
    )


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
