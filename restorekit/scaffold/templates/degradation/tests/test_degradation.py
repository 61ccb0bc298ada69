import numpy as np
import pytest
import torch
from restorekit.testing import check_degradation

from restorekit_plugin_name.degradation import PluginName


def test_it_keeps_the_contract():
    check_degradation(PluginName())


def test_the_corners_darken_and_the_centre_does_not():
    white = torch.ones(1, 3, 31, 41)
    (image,) = PluginName().apply(white, loss=torch.tensor([0.5]))
    assert image[0, 15, 20] == 1
    assert image[0, 0, 0] == image[0, -1, -1] == 0.5


def test_the_loss_drawn_lies_in_its_range():
    degradation, rng = PluginName((0.3, 0.4)), np.random.default_rng(0)
    drawn = [degradation.sample(rng, 8, 8)["loss"] for _ in range(20)]
    assert 0.3 <= min(drawn) < max(drawn) <= 0.4


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match="loss must be"):
        PluginName((0.5, 0.1))
