import pytest
from restorekit.testing import check_schedule

from restorekit_plugin_name.schedule import PluginName


def test_it_keeps_the_contract():
    check_schedule(PluginName())


def test_it_falls_in_a_straight_line():
    factors = [PluginName(to=0.5).factor(step, 4) for step in range(5)]
    assert factors == [1, 0.875, 0.75, 0.625, 0.5]


def test_a_rise_is_refused():
    with pytest.raises(ValueError, match="to must be"):
        PluginName(to=2)
