import numpy as np
import pytest
from restorekit.testing import check_metric

from restorekit_plugin_name.metric import PluginName


def test_it_keeps_the_contract():
    check_metric(PluginName())


def test_it_counts_what_is_off():
    target = np.zeros((4, 4, 3), np.uint8)
    prediction = target.copy()
    prediction[:2] = 9
    assert PluginName(tolerance=8)(prediction, target) == 50
    assert PluginName(tolerance=9)(prediction, target) == 0


def test_a_negative_tolerance_is_refused():
    with pytest.raises(ValueError, match="tolerance must be"):
        PluginName(tolerance=-1)
