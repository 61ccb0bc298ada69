import pytest
import torch
from restorekit.testing import check_restorer

from restorekit_plugin_name.restorer import PluginName


def test_it_keeps_the_contract():
    check_restorer(PluginName())


def test_an_edge_becomes_steeper_and_a_plain_stays():
    image = torch.zeros(1, 3, 16, 16)
    image[..., 8:] = 1
    made = PluginName().restore(image)
    assert made[..., 8].mean() > 1 and made[..., 7].mean() < 0
    assert torch.equal(made[..., :4], image[..., :4])


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="strength must be"):
        PluginName(strength=-1)
