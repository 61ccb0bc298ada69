"""ONNX files that the tests share, and bundles to make them of; exporting takes seconds."""

import pytest
import torch

from restorekit import load_recipe
from restorekit.bundle import save_bundle
from restorekit.export import export_onnx

RECIPE = """\
schema = 1
name = "tiny"
[data]
train = {{ type = "celeba", path = "images" }}
crop = "celeba"
license = "CC0"
{more}[network]
{network}
[[task]]
type = "image"
[[task]]
type = "gradient"
[[loss]]
type = "l1"
[[stage]]
steps = 1
losses = ["l1"]
"""


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """The shipped model as an ONNX file."""
    file = tmp_path_factory.mktemp("onnx") / "shipped.onnx"
    export_onnx(None, file)
    return file


@pytest.fixture(scope="session")
def make_bundle():
    """Make a bundle of a network's keys in a folder, with drawn weights."""
    return _make_bundle


def _make_bundle(folder, network, more=""):
    (folder / "r.toml").write_text(RECIPE.format(network=network, more=more))
    recipe = load_recipe(folder / "r.toml")
    torch.manual_seed(1)
    module = recipe.network.build(recipe.tasks)
    if len(list(module.parameters())) > 1:
        for parameter in module.parameters():  # untrained, it gives back what it is given
            parameter.data += 0.05 * torch.randn_like(parameter)
    save_bundle(folder / "bundle", recipe, module, metrics={}, steps=1)
    return folder / "bundle"
