import numpy as np
import pytest
from restorekit.testing import check_augmentation

from restorekit_plugin_name.augmentation import PluginName


def test_it_keeps_the_contract():
    check_augmentation(PluginName())


def test_half_of_the_light_is_half():
    white = np.full((8, 8, 3), 200, np.uint8)
    assert (PluginName(light=(0.5, 0.5))({"image": white}, 0)["image"] == 100).all()


def test_a_range_that_is_none_is_refused():
    with pytest.raises(ValueError, match="light must be"):
        PluginName(light=(1.0, 0.5))
