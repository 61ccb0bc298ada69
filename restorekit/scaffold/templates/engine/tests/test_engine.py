import numpy as np
import pytest
import restorekit
from restorekit.testing import check_engine

from restorekit_plugin_name.engine import PluginName


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "tones.plugin-name"
    file.write_text("0\n0.25\n1\n")
    return file


def test_it_keeps_the_contract(file):
    check_engine(PluginName(), file)


def test_tones_are_those_of_the_table(file):
    grey = np.full((1, 16, 16, 3), 0.5, np.float32)
    assert (PluginName().load(file, "cpu").restore_arrays(grey) == 0.25).all()


def test_what_is_no_table_is_refused(file):
    file.write_text("words")
    with pytest.raises(restorekit.RestorekitError, match="cannot be read"):
        PluginName().load(file, "cpu")
