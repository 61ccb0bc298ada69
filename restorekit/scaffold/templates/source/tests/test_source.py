import pytest
from restorekit.testing import check_source

from restorekit_plugin_name.source import PluginName


def test_it_keeps_the_contract():
    check_source(PluginName(pictures=3))


def test_pictures_have_their_size_and_differ():
    source = PluginName(pictures=2, side=40)
    first, second = source[0], source[1]
    assert first.sharp.shape == (40, 40, 3)
    assert (first.sharp != second.sharp).any()


def test_an_empty_one_is_refused():
    with pytest.raises(ValueError, match="must be at least 1"):
        PluginName(pictures=0)
