"""A bundle comes back bit by bit, fits its network strictly, and tells nothing of its trainer's disk."""

import json
import os
import shutil
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from restorekit import Network, RestorekitError, load_recipe, plugins
from restorekit.bundle import load_bundle, load_weights, save_bundle
from restorekit.errors import BundleError, UnknownNameError

RECIPE = """\
schema = 1
name = "one-conv"
[data]
train = { type = "celeba", path = "images" }
crop = "celeba"
license = "CC0"
[[degradation]]
type = "trajectory_blur"
[network]
type = "one_conv"
[[task]]
type = "image"
[[task]]
type = "gradient"
[[loss]]
type = "l1"
[[loss]]
type = "vgg19"
weights = "secret/vgg.safetensors"
weight = "auto"
[[stage]]
steps = 1
losses = ["l1", "vgg19"]
"""


@dataclass(frozen=True)
class OneConv(Network):
    scales: ClassVar[int] = 1
    size_multiple: ClassVar[int] = 1

    width: int = 3

    def build(self, tasks):
        assert list(tasks) == ["image", "gradient"]
        return nn.Sequential(nn.Conv2d(3, self.width, 3), nn.BatchNorm2d(self.width))


@pytest.fixture
def recipe(monkeypatch, tmp_path):
    host = plugins.host.__wrapped__()
    host.registries["network"].add("one_conv", OneConv, "tests")
    monkeypatch.setattr(plugins, "host", lambda: host)
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)


def save(path, recipe, **changes):
    torch.manual_seed(1)
    module = recipe.network.build(recipe.tasks)
    metrics = {"psnr": 30.125, "psnr_input": 25.0}
    found = recipe.with_weights({"vgg19": 0.5})
    save_bundle(path, found, module, **({"metrics": metrics, "steps": 7} | changes))
    return module


@pytest.fixture
def bundle(recipe, tmp_path):
    save(tmp_path / "bundle", recipe())
    return tmp_path / "bundle"


def edit(bundle, **changes):
    config = json.loads((bundle / "config.json").read_text())
    (bundle / "config.json").write_text(
        json.dumps({k: v for k, v in (config | changes).items() if v is not None})
    )


def test_what_is_saved_is_loaded_bit_by_bit(recipe, tmp_path):
    module = save(tmp_path / "bundle", recipe())
    bundle = load_bundle(tmp_path / "bundle")
    assert (bundle.name, bundle.license, bundle.network) == ("one-conv", "CC0", OneConv())
    assert list(bundle.tasks) == ["image", "gradient"]
    loaded = bundle.module()
    assert not loaded.training
    for name, tensor in module.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name


def test_half_is_half_as_large_and_loads_as_fp32(recipe, tmp_path):
    module = save(tmp_path / "bundle", recipe("train.half=true"))
    stored = load_file(tmp_path / "bundle" / "model.safetensors")
    assert stored["0.weight"].dtype == torch.float16 and stored["1.num_batches_tracked"].dtype == torch.int64
    weight = load_bundle(tmp_path / "bundle").module().state_dict()["0.weight"]
    assert weight.dtype == torch.float32 and torch.equal(
        weight, module.state_dict()["0.weight"].half().float()
    )


def test_it_records_geometry_kernels_data_and_licence(bundle):
    config = json.loads((bundle / "config.json").read_text())
    assert config["geometry"] == {"crop": "celeba", "size": 128, "left_eye": [45, 45], "right_eye": [82, 45]}
    assert config["degradation"][0]["centring"] == "box"
    assert (config["license"], config["steps"], config["data"]["type"]) == ("CC0", 7, "celeba")
    card = (bundle / "README.md").read_text()
    for told in (
        "# one-conv",
        "CC0",
        "trajectory_blur",
        "image, gradient",
        "Steps: 7",
        "30.12 dB",
        "25.00 dB",
    ):
        assert told in card
    assert "weight = 0.5" in (bundle / "recipe.toml").read_text()
    assert json.loads((bundle / "metrics.json").read_text())["validation"]["psnr"] == 30.125


def test_nothing_tells_where_the_trainers_files_lay(bundle, tmp_path):
    assert sorted(file.name for file in bundle.iterdir()) == [
        "README.md", "config.json", "metrics.json", "model.safetensors", "recipe.toml"]  # fmt: skip
    for file in bundle.iterdir():
        for secret in (tmp_path, os.getcwd(), "secret"):
            assert str(secret).encode() not in file.read_bytes(), file


def test_a_new_bundle_replaces_the_old_one_whole(recipe, bundle, monkeypatch):
    (bundle / "stale").write_text("")
    save(bundle, recipe("network.width=4"), metrics={})
    assert load_bundle(bundle).network == OneConv(4) and not (bundle / "stale").exists()
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    monkeypatch.setattr("restorekit.bundle.model_card", lambda *_: "\udcff")  # cannot be written
    with pytest.raises((RestorekitError, UnicodeEncodeError)):
        save(bundle, recipe())
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before
    assert [path.name for path in bundle.parent.glob("bundle*")] == ["bundle"]


def test_a_bundle_that_a_kill_left_half_replaced_is_repaired(recipe, bundle):
    shutil.copytree(bundle, bundle.with_name("bundle.old"))
    bundle.with_name("bundle.part").mkdir()
    save(bundle, recipe("network.width=4"))
    assert load_bundle(bundle).network == OneConv(4)
    assert [path.name for path in bundle.parent.glob("bundle*")] == ["bundle"]


def test_where_no_bundle_can_be_written_is_said(recipe, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RestorekitError, match="cannot write .*; make room or choose another place"):
        save(tmp_path / "file" / "bundle", recipe())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("0.bias"), "does not fit its network: missing 0.bias; config.json and the weights belong"),
        (lambda t: t.update(x=torch.ones(1)), "does not fit its network: extra x; "),
        (lambda t: t.update({"0.bias": torch.ones(2)}), r"network: 0.bias is float32 \[2\] instead of float32 \[3\]; "),
        (lambda t: t.clear() or t.update(x=torch.ones(1)), "missing 0.weight, missing 0.bias, missing 1.weight, "
         "missing 1.bias, missing 1.running_mean and 3 more; "),
    ],
)  # fmt: skip
def test_weights_must_be_the_networks_own(change, message, bundle):
    tensors = load_file(bundle / "model.safetensors")
    change(tensors)
    save_file(tensors, bundle / "model.safetensors")
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle).module()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (shutil.rmtree, "no model '.*bundle'; give a bundle directory, or one of: "),
        (lambda b: (b / "config.json").unlink(), "is not a bundle: it has no config.json; give a run's"),
        (
            lambda b: (b / "config.json").write_text("{"),
            "config.json cannot be used: .*; get the bundle again",
        ),
        (lambda b: (b / "config.json").write_text("[]"), "config.json cannot be used: "),
        (lambda b: edit(b, format=2), "has format 2; update restorekit"),
        (lambda b: edit(b, license=None), "config.json cannot be used: .*license"),
        (lambda b: edit(b, geometry=None), "config.json cannot be used: .*geometry"),
        (
            lambda b: edit(b, network={"type": "one_conv", "depth": 2}),
            "config.json cannot be used: depth: Unexpected",
        ),
        (lambda b: edit(b, tasks=[{"type": "gradient"}]), "has no head for the task 'image'; choose"),
        (lambda b: (b / "model.safetensors").unlink(), "has no model.safetensors; get the bundle again"),
        (lambda b: (b / "model.safetensors").write_bytes(b"x" * 9), "model.safetensors cannot be read: "),
    ],
)
def test_a_broken_bundle_is_an_error_of_one_line(break_it, message, bundle):
    break_it(bundle)
    with pytest.raises(BundleError, match=message) as caught:
        load_bundle(bundle).module()
    assert len(str(caught.value).splitlines()) == 1


def test_a_network_that_nobody_provides_is_named(bundle):
    edit(bundle, network={"type": "one_cnov"})
    with pytest.raises(UnknownNameError, match="unknown network 'one_cnov'; did you mean 'one_conv'?"):
        load_bundle(bundle)


def test_weights_go_into_a_module_of_the_same_shapes(bundle):
    module = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3))
    load_weights(module, bundle)
    assert torch.equal(module[0].weight.detach(), load_file(bundle / "model.safetensors")["0.weight"])


def test_the_card_of_a_run_without_licence_says_so(recipe, tmp_path):
    save(tmp_path / "bundle", recipe("data.license="), metrics={})
    card = (tmp_path / "bundle" / "README.md").read_text()
    assert "not stated" in card and "Validation" not in card
