"""Networks that a report times with fresh weights."""

import pytest

from restorekit import RestorekitError
from restorekit.reports.timing import untrained


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ('network = "x"', "has no network"),
        ("[network]\nwidth = 3", "has no network"),
        ('[network]\ntype = "face_multitask"\nchannls = 3', "unknown key 'channls'"),
        ('[network]\ntype = "nothing"', "nothing"),
    ],
)
def test_a_recipe_whose_network_cannot_be_made_is_told_in_words(network, told, tmp_path):
    (tmp_path / "a.toml").write_text(f"schema = 1\n{network}\n")
    with pytest.raises(RestorekitError, match=told):
        untrained(str(tmp_path / "a.toml"), "cpu")
