"""The contract of networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from restorekit.contracts import Network, Outputs, Task
from restorekit.data.image_task import ImageTask
from restorekit.pyramid import pyramid
from restorekit.tensors import Stated, sketch
from restorekit.testing.component import check_component
from restorekit.testing.draws import stacked
from restorekit.testing.lesson import demand, demanding
from restorekit.testing.reach import check_margin

_FORWARD = (
    "def forward(self, inputs):  # {task: [coarse, fine]}\n"
    "    return {task: [level + self.body(level) for level in levels] for task, levels in inputs.items()}"
)


def check_network(network: Network, tasks: Mapping[str, Task] | None = None) -> None:
    """Check a network: a head per task, the pyramid's shapes out, any of the tasks alone, and a margin that fits.

    Args:
        network: The component.
        tasks: What it should serve, by name; the image alone if left out.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(network, Network)
    name = type(network).__name__
    tasks = tasks or {"image": ImageTask()}
    _check_sizes(network)
    torch.manual_seed(0)
    module = network.build(tasks)
    torch.manual_seed(0)
    again = network.build(tasks).state_dict()
    demand(
        all(torch.equal(value, again[key]) for key, value in module.state_dict().items()),
        f"{name}.build gave other weights from the same seed",
        "weights are drawn from torch's current random state, so that a run can be repeated",
        "layer = torch.nn.Conv2d(3, 8, 3)  # as it comes; no torch.seed(), no generator of its own",
    )
    held = {key: Stated.of(value) for key, value in module.state_dict().items()}
    with demanding(
        f"{name} does not build on torch's meta device, where no tensor has a value",
        "it is built there first, to compare shapes with weights from elsewhere before anything is allocated",
        "rates = [0.1 * i / depth for i in range(depth)]  # numbers come from Python, not from tensor.item()",
    ):
        sketch(lambda: network.build(tasks), held, name)
    inputs = _inputs(network, tasks)
    for given in (inputs, *({task: levels} for task, levels in inputs.items())):
        with demanding(f"{name} failed on the tasks {sorted(given)}", "it takes any of its tasks", _FORWARD):
            outputs = module(given)
        _check_outputs(network, given, outputs, tasks)
    total = sum(level.mean() for levels in module(inputs).values() for level in levels)
    if total.requires_grad:
        total.backward()
    demand(
        any(parameter.grad is not None for parameter in module.parameters()),
        f"no parameter of {name} has a gradient",
        "training changes parameters that the outputs depend on; detach() and no_grad() cut them off",
        "self.body = torch.nn.Conv2d(3, 3, 3, padding=1)  # set in __init__, used in forward",
    )
    check_margin(network, module)


def _check_sizes(network: Network) -> None:
    name, scales, multiple = type(network).__name__, network.scales, network.size_multiple
    demand(
        isinstance(scales, int) and scales >= 1,
        f"the scales of {name} are {scales!r}",
        "it is how many sizes of each picture the network takes and gives, at least 1",
        "scales: ClassVar[int] = 2",
    )
    demand(
        isinstance(multiple, int) and multiple >= 1 and multiple % 2 ** (scales - 1) == 0,
        f"{name} has {scales} scales and the size multiple {multiple!r}",
        f"each scale halves the picture, so its sides are multiples of {2 ** (scales - 1)}",
        f"size_multiple: ClassVar[int] = {2 ** (scales - 1)}",
    )
    demand(
        network.heads is None or "image" in network.heads,
        f"{name} serves {network.heads}",
        "a network serves the task image, from which a restored picture comes",
        'heads: ClassVar[tuple[str, ...] | None] = ("image", "gradient")  # None for any',
    )


def _inputs(network: Network, tasks: Mapping[str, Task]) -> Outputs:
    import torch

    multiple = network.size_multiple
    size = multiple * max(2, -(-32 // multiple))
    levels = pyramid(torch.rand(2, 3, size, size + multiple), network.scales)
    inputs: Outputs = {}
    for name, task in tasks.items():
        draw = stacked([task.sample(np.random.default_rng(0))] * 2)
        inputs[name] = [task.encode(level, **draw) for level in levels]
    return inputs


def _check_outputs(network: Network, given: Outputs, outputs: Outputs, tasks: Mapping[str, Task]) -> None:
    name, scale = type(network).__name__, network.scale
    demand(
        isinstance(outputs, dict) and set(outputs) == set(given),
        f"{name} returned {sorted(outputs)} when it was given {sorted(given)}",
        "it returns the tasks it is given, no more and no fewer; to restore it gets the image alone",
        _FORWARD,
    )
    for task, levels in given.items():
        shapes, wanted = ([tuple(level.shape) for level in part] for part in (outputs[task], levels))
        if tasks[task].spatial:
            wanted = [(*shape[:-2], shape[-2] * scale, shape[-1] * scale) for shape in wanted]
            contract = f"outputs have the sizes of the inputs times its scale, here {wanted}, coarse first"
        else:  # of its own sizes
            shapes, wanted = ([shape[:1] for shape in each] for each in (shapes, wanted))
            contract = f"there is an output for each of {len(levels)} scales, with an entry for each image"
        demand(shapes == wanted, f"{name} returned {shapes} for the task {task}", contract, _FORWARD)
