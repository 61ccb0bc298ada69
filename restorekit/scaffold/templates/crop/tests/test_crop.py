import numpy as np
import pytest
from restorekit.testing import check_crop

from restorekit_plugin_name.crop import PluginName


def test_it_keeps_the_contract():
    check_crop(PluginName())


def test_every_corner_has_its_turn():
    rng = np.random.default_rng(0)
    places = {PluginName().place(rng, 40, 50, 10, 2) for _ in range(50)}
    assert places == {(0, 0), (0, 36), (26, 0), (26, 36)}


def test_a_negative_inset_is_refused():
    with pytest.raises(ValueError, match="inset must be"):
        PluginName(inset=-1)
