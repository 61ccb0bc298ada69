import numpy as np
import pytest
from restorekit.testing import check_framing

from restorekit_plugin_name import framing


def test_it_keeps_the_contract():
    check_framing(framing.PluginName())


def test_the_border_stays_as_it_is():
    view = framing.Middle(np.zeros((40, 60, 3), np.uint8), share=0.5)
    (window,) = view.windows
    made = view.put_back([window + 1])
    assert window.shape == (20, 30, 3)
    assert made[10:30, 15:45].all() and made.sum() == 20 * 30 * 3


def test_no_share_is_refused():
    with pytest.raises(ValueError, match="share must be"):
        framing.PluginName(share=0)
