import pytest
import torch
from restorekit.testing import check_network

from restorekit_plugin_name.network import PluginName


class Grey:
    """Stands for any task; a network asks it for its channels alone."""

    channels = 1


def test_it_keeps_the_contract():
    check_network(PluginName(width=8, blocks=1))


def test_untrained_it_returns_what_it_is_given():
    levels = [torch.rand(1, 1, 8, 8), torch.rand(1, 1, 16, 16)]
    (coarse, fine) = PluginName().build({"grey": Grey()})({"grey": levels})["grey"]
    assert torch.equal(coarse, levels[0])
    assert torch.equal(fine, levels[1])


def test_a_width_of_nothing_is_refused():
    with pytest.raises(ValueError, match="width must be"):
        PluginName(width=0)
