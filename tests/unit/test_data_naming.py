"""Templates of names."""

import numpy as np
import pytest

from restorekit.data.sources.naming import ANY, Template
from restorekit.data.sources.paired import Paired
from restorekit.images import write_rgb
from restorekit.testing import check_source


@pytest.mark.parametrize(
    ("template", "name", "fields"),
    [
        (ANY, "a/1.v2.png", {"name": "a/1.v2"}),
        ("{name}_blur", "a/1_blur.JPG", {"name": "a/1"}),
        ("{name}_blur.png", "1_blur.jpg", None),
        ("{scene}/blur/{name}", "GOPR1/blur/0001.png", {"scene": "GOPR1", "name": "0001"}),
        ("{scene}/{scene}_{name}", "x/x_1.png", {"scene": "x", "name": "1"}),
        ("{scene}/{scene}_{name}", "x/y_1.png", None),
        ("in.{name}", "inx1.png", None),
    ],
)
def test_a_field_stands_for_any_text(template, name, fields):
    key = Template(template).key(name)
    assert (None if key is None else dict(key)) == fields


@pytest.mark.parametrize("text", ["blur.png", "{}_blur", ""])
def test_a_template_needs_a_named_field(text):
    with pytest.raises(ValueError, match="is not a template of names"):
        Template(text)


@pytest.mark.parametrize("text", ["{a}{b}", "{a}_{b}_{c}_{d}_{e}", "{a}_" * 30 + "x"])
def test_a_template_that_takes_long_to_compare_is_none(text):
    with pytest.raises(ValueError, match="more than 4 fields, or two that touch"):
        Template(text)


def test_scenes_with_a_folder_for_each_kind(tmp_path):
    for scene in ("a", "b"):
        for kind in ("blur", "sharp"):
            write_rgb(tmp_path / scene / kind / "1.png", np.zeros((20, 24, 3), np.uint8))
    source = Paired(tmp_path, tmp_path, "{scene}/sharp/{name}", "{scene}/blur/{name}", complete=True)
    assert [source[i].id for i in range(len(source))] == ["a/sharp/1.png", "b/sharp/1.png"]
    check_source(source)
