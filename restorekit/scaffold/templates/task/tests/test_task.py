import pytest
import torch
from restorekit.testing import check_task

from restorekit_plugin_name.task import PluginName


def test_it_keeps_the_contract():
    check_task(PluginName())


def test_an_even_image_has_no_detail():
    assert PluginName().encode(torch.full((1, 3, 16, 16), 0.5)).abs().max() < 1e-6


def test_a_dot_is_detail():
    image = torch.zeros(1, 3, 9, 9)
    image[..., 4, 4] = 1
    detail = PluginName(side=3).encode(image)
    assert detail[0, 0, 4, 4] == pytest.approx(8 / 9)
    assert detail[0, 0, 3, 3] == pytest.approx(-1 / 9)


def test_an_even_side_is_refused():
    with pytest.raises(ValueError, match="side must be odd"):
        PluginName(side=4)
