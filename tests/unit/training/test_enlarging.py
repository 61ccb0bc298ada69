"""A network that enlarges, trained on images that a degradation has shrunk."""

import dataclasses
import json

import pytest

import restorekit
from restorekit.errors import RecipeError
from restorekit.plugins import registry
from restorekit.recipe import load_recipe

RECIPE = """
schema = 1
name = "larger"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[validation]
source = { type = "samples" }
images = 2
[[degradation]]
type = "defocus_blur"
radius = [1.0, 1.0]
[[degradation]]
type = "shrink"
[network]
type = "test_enlarging"
[[task]]
type = "image"
[[loss]]
type = "l1"
[train]
ema = 0.0
validate_every = 2
[[stage]]
steps = 2
losses = ["l1"]
"""


@dataclasses.dataclass(frozen=True)
class Enlarging(restorekit.Network):
    """Twice as large, by one convolution."""

    scales = 1
    scale = 2
    size_multiple = 1

    def build(self, tasks):
        import torch

        class Module(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Conv2d(3, 12, 3, padding=1)

            def forward(self, inputs):
                finest = inputs["image"][-1]
                return {"image": [torch.nn.functional.pixel_shuffle(self.layer(finest), 2)]}

        return Module()


@pytest.fixture
def recipe(tmp_path):
    """The recipe's file, while the network is registered."""
    networks = registry("network")
    networks.add("test_enlarging", Enlarging, "tests")
    (tmp_path / "larger.toml").write_text(RECIPE)
    yield tmp_path / "larger.toml"
    del networks._entries["test_enlarging"]


def test_it_trains_validates_and_is_evaluated(recipe, tmp_path):
    restorekit.train(load_recipe(recipe), tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "bundle" / "metrics.json").read_text())
    assert 0 < metrics["validation"]["psnr"] < 100 and metrics["validation"]["psnr_input"] > 20
    (tmp_path / "test.toml").write_text(
        'schema = 1\nname = "test"\nsource = { type = "samples" }\npictures = 1\n'
        'crop = "center"\nsize = 64\n[[degradation]]\ntype = "shrink"\n[[metric]]\ntype = "psnr"\n'
    )
    rows = restorekit.evaluate(tmp_path / "test.toml", [tmp_path / "run" / "bundle"])
    assert [row.restorer for row in rows] == ["input", "larger"] and rows[1].values["psnr"] > 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "shrink"', 'type = "identity"', "degradations shrink by 1, and the network enlarges by 2"),
        (
            'type = "shrink"',
            'type = "shrink"\nfactor = 4',
            "degradations shrink by 4, and the network enlarges by 2",
        ),
        ('type = "shrink"', 'type = "shrink"\np = 0.5', "undergone by all; leave p out"),
        ("size = 32", "size = 33", "size 33 is not a multiple of 2"),
        (
            "images = 2",
            'images = 2\nmetrics = ["colour_shift"]',
            "'colour_shift' needs 'degraded', which validation",
        ),
    ],
)
def test_parts_that_do_not_fit_are_a_line(recipe, old, new, message):
    recipe.write_text(RECIPE.replace(old, new))
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe)
