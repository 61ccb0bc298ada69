"""Tiled equals whole, within one grey level, for both face generators at odd sizes."""

import numpy as np
import pytest
import torch

from restorekit.recipe.component import make_component
from restorekit.restore.reach import dead_leaves
from restorekit.restore.restorer import NetworkRestorer
from restorekit.restore.steady import Steady


def fast():
    """The fast generator with the reach of its recipe, narrow so that it is quick, and weights as they are drawn."""
    return drawn("face_multitask_unet", widths=(8, 8, 8, 8), blocks=(2, 2, 3, 3))


def paper():
    """The paper's generator with its own reach, narrow too."""
    return drawn("face_multitask", channels=4)


def drawn(name, **fields):
    network = make_component("network", name, fields)
    task = make_component("task", "image", {})
    torch.manual_seed(0)
    module = network.build({"image": task})
    for name, weight in module.named_parameters():
        if name.startswith("heads") and not weight.any():
            torch.nn.init.normal_(weight, std=0.1)
    return NetworkRestorer(module, network, {"image": task}, None, torch.device("cpu"))


@pytest.mark.parametrize(("make", "height", "width"), [(fast, 601, 173), (paper, 301, 613)])
def test_tiles_equal_the_whole(make, height, width):
    restorer = make()
    pixels = (dead_leaves(max(height, width), 7)[None, :height, :width] * 255).astype(np.uint8)
    calls = []
    tiled = Steady(restorer, tile=480).pixels(pixels, progress=lambda done, total: calls.append(total))
    whole = Steady(restorer, tile="off").pixels(pixels)
    assert calls[0] > 1
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    assert np.abs(whole.astype(int) - pixels).max() > 10  # it does something
