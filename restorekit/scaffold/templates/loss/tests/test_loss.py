import pytest
import restorekit
import torch
from restorekit.testing import check_loss

from restorekit_plugin_name.loss import PluginName


def compare(loss, prediction, target):
    return float(loss(prediction, target, restorekit.Batch(sharp=target, degraded=target)))


def test_it_keeps_the_contract():
    check_loss(PluginName())


def test_a_fault_at_an_edge_costs_more():
    target = torch.zeros(1, 3, 16, 16)
    target[..., 8:] = 1
    at_the_edge, elsewhere = target.clone(), target.clone()
    at_the_edge[..., 7] += 0.1
    elsewhere[..., 3] += 0.1
    edge, plain = (compare(PluginName(), image, target) for image in (at_the_edge, elsewhere))
    assert edge > 2 * plain


def test_without_edges_it_is_the_mean_absolute_difference():
    prediction, target = torch.rand(2, 2, 3, 8, 8)
    assert compare(PluginName(edges=0), prediction, target) == float((prediction - target).abs().mean())


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="edges must be"):
        PluginName(edges=-1)
