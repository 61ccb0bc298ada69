import pytest
import torch
from restorekit.testing import check_optimiser

from restorekit_plugin_name.optimiser import PluginName


def test_it_keeps_the_contract():
    check_optimiser(PluginName())


def test_a_step_has_the_length_of_the_rate():
    module = torch.nn.Linear(2, 2)
    before = module.weight.detach().clone()
    optimizer = PluginName(lr=0.25).build(module)
    module(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert torch.allclose(before - module.weight, torch.full((2, 2), 0.25))


def test_no_rate_is_refused():
    with pytest.raises(ValueError, match="lr must be"):
        PluginName(lr=0)
