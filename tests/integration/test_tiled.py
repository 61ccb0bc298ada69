"""Tiled equals whole, within one grey level, for both face generators at odd sizes."""

import numpy as np
import pytest
import torch

from restorekit.recipe.component import make_component
from restorekit.restore.load import load_restorer
from restorekit.restore.reach import dead_leaves
from restorekit.restore.restorer import NetworkRestorer
from restorekit.restore.steady import Steady


def shipped():
    return load_restorer(None, "cpu")


def paper():
    """The paper's generator with its own reach, narrow so that it is quick, and weights as they are drawn."""
    network = make_component("network", "face_multitask", {"channels": 4})
    task = make_component("task", "image", {})
    torch.manual_seed(0)
    module = network.build({"image": task})
    return NetworkRestorer(module, network, {"image": task}, None, torch.device("cpu"))


@pytest.mark.parametrize(("make", "height", "width"), [(shipped, 601, 173), (paper, 301, 613)])
def test_tiles_equal_the_whole(make, height, width):
    restorer = make()
    pixels = (dead_leaves(max(height, width), 7)[None, :height, :width] * 255).astype(np.uint8)
    calls = []
    tiled = Steady(restorer, tile=480).pixels(pixels, progress=lambda done, total: calls.append(total))
    whole = Steady(restorer, tile="off").pixels(pixels)
    assert calls[0] > 1
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    assert np.abs(whole.astype(int) - pixels).max() > 10  # it does something
