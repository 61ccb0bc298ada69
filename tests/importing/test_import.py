"""Weights of others become a bundle of a registered network: whole, strictly, and told key by key."""

import json
import os
import pickle
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from restorekit import RestorekitError
from restorekit.bundle import load_bundle
from restorekit.cli import main
from restorekit.data.image_task import ImageTask
from restorekit.hub.publish import prepare
from restorekit.plugins import registry

KEYS = ["--network", "face_multitask_unet", "--set", "widths=[4, 8]", "--set", "blocks=[0, 1]"]
MAP = """\
[network]
type = "face_multitask_unet"
widths = [4, 8]
blocks = [0, 1]
[keys]
"body." = "encoder."
"body.first.weight" = "start.weight"
"body.first.bias" = "start.bias"
"""


@pytest.fixture(scope="module")
def module():
    torch.manual_seed(0)
    network = registry("network").get("face_multitask_unet")((4, 8), (0, 1))
    module = network.build({"image": ImageTask()})
    for parameter in module.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return module


@pytest.fixture
def weights(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return {key: value.clone() for key, value in module.state_dict().items()}


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "import", *arguments])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        return status, *capsys.readouterr()

    return run


def refused(run, *arguments):
    """Run what fails, see that nothing is written, and return the last line."""
    before = sorted(os.listdir())
    status, out, err = run(*arguments, "-o", "b")
    assert (status, out, sorted(os.listdir())) == (2, "", before), err
    return err.splitlines()[-1]


WRAPPED = {
    "bare": (lambda w: w, ""),
    "params": (lambda w: {"params": w, "epoch": 3}, ", under 'params'"),
    "averaged": (lambda w: {"params": {"x": torch.ones(1)}, "params_ema": w}, ", under 'params_ema'"),
    "state_dict": (lambda w: {"state_dict": {f"module.{key}": value for key, value in w.items()}, "lr": 0.1},
                   ", under 'state_dict', each after 'module.'"),
    "twice": (lambda w: {"model": {"net": {f"module._orig_mod.{key}": value for key, value in w.items()}}},
              ", under 'model', under 'net', each after 'module.', each after '_orig_mod.'"),
    "averaged with a hyphen": (lambda w: {"params": {"x": torch.ones(1)}, "params-ema": w}, ", under 'params-ema'"),
    "averaged states": (lambda w: {"state_dict": {"x": torch.ones(1)}, "state_dict_ema": w},
                        ", under 'state_dict_ema'"),
    "averaged model": (lambda w: {"model": {"x": torch.ones(1)}, "ema_model": w}, ", under 'ema_model'"),
    "unknown": (lambda w: {"whatever": w, "epoch": 3}, ", under 'whatever'"),
    "netG": (lambda w: {f"netG.{key}": value for key, value in w.items()}, ""),
    "net_g": (lambda w: {f"net_g.{key}": value for key, value in w.items()}, ""),
    "generator": (lambda w: {"generator": {f"generator.{key}": value for key, value in w.items()}},
                  ", under 'generator'"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
def test_common_wrappers_are_opened_and_told(name, run, weights, module):
    wrap, told = WRAPPED[name]
    torch.save(wrap(weights), "w.pth")
    status, out, err = run("w.pth", *KEYS, "-o", "b")
    assert (status, out) == (0, "b\n"), err
    assert err.splitlines()[0] == f"14 tensors in w.pth{told}"
    loaded = load_bundle("b").module().state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in module.state_dict().items())


def test_safetensors_are_taken_as_well(run, weights):
    save_file(weights, "w.safetensors")
    assert run("w.safetensors", *KEYS, "-o", "b")[0] == 0
    assert load_file("b/model.safetensors").keys() == weights.keys()


def test_a_map_names_the_network_and_renames_keys_and_prefixes(run, weights):
    old = {
        key.replace("start.", "body.first.").replace("encoder.", "body."): value
        for key, value in weights.items()
    }
    torch.save(old | {"optimizer.lr": torch.ones(1)}, "w.pth")
    Path("map.toml").write_text(MAP)
    status, _, err = run("w.pth", "--map", "map.toml", "-o", "b")
    assert status == 0, err
    assert "keys: 14 matched (6 of them renamed), 0 missing or of another shape, 1 unused\n" in err
    assert "  unused optimizer.lr\n" in err
    assert torch.equal(load_file("b/model.safetensors")["start.weight"], weights["start.weight"])


def test_the_bundle_tells_its_origin_name_and_licence(run, weights):
    torch.save(weights, "w.pth")
    run("w.pth", *KEYS, "--name", "theirs", "--license", "CC-BY-4.0", "-o", "b")
    config = json.loads(Path("b/config.json").read_text())
    assert (config["name"], config["license"], config["geometry"]) == ("theirs", "CC-BY-4.0", None)
    assert config["imported"]["file"] == "w.pth" and len(config["imported"]["sha256"]) == 64
    card = Path("b/README.md").read_text()
    assert "# theirs" in card and "trained elsewhere" in card and "CC-BY-4.0" in card
    assert sorted(os.listdir("b")) == ["README.md", "config.json", "metrics.json", "model.safetensors"]


def test_an_imported_bundle_can_be_published(run, weights, tmp_path):
    torch.save(weights, "w.pth")
    run("w.pth", *KEYS, "-o", "b")
    upload = prepare(tmp_path / "b", "cc-by-4.0")
    assert b"license: cc-by-4.0" in upload.texts["README.md"]


def test_half_precision_stays_and_double_becomes_single(run, weights):
    half = {key: value.half() for key, value in weights.items()} | {
        "start.bias": weights["start.bias"].double()
    }
    torch.save(half, "w.pth")
    run("w.pth", *KEYS, "-o", "b")
    stored = load_file("b/model.safetensors")
    assert stored["start.weight"].dtype == torch.float16 and stored["start.bias"].dtype == torch.float32


def test_nothing_is_overwritten_unasked(run, weights):
    torch.save(weights, "w.pth")
    assert run("w.pth", *KEYS, "-o", "b")[0] == 0
    assert (
        refused(run, "w.pth", *KEYS) == "error: b already exists; give --overwrite, or another place with -o"
    )
    assert run("w.pth", *KEYS, "-o", "b", "--overwrite")[0] == 0


UNFIT = {
    "missing": (
        lambda w: w.pop("start.bias"),
        "error: w.pth does not fill a face_multitask_unet: missing start.bias; ",
    ),
    "shape": (
        lambda w: w.update({"start.bias": torch.ones(5)}),
        "error: w.pth does not fill a face_multitask_unet: start.bias is float32 [5] instead of float32 [4]; ",
    ),
    "type": (
        lambda w: w.update({"start.bias": torch.ones(4, dtype=torch.int32)}),
        "error: w.pth does not fill a face_multitask_unet: start.bias is int32 [4] instead of float32 [4]; ",
    ),
    "terabytes of one number": (
        lambda w: w.update({"start.bias": torch.ones(1).expand(10**12)}),
        "error: w.pth: start.bias is not a plain tensor; save it as one",
    ),
    "sparse": (
        lambda w: w.update({"start.bias": torch.ones(4).to_sparse()}),
        "error: w.pth: start.bias is not a plain tensor; save it as one",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_weights_that_do_not_fill_the_network_write_nothing(name, run, weights):
    change, message = UNFIT[name]
    change(weights)
    torch.save(weights, "w.pth")
    assert refused(run, "w.pth", *KEYS).startswith(message)


class Code:
    def __reduce__(self):
        return os.system, ("touch pwned",)


UNREADABLE = {
    "code": (
        lambda: torch.save({"x": Code()}, "w.pth"),
        "error: w.pth holds more than weights (posix.system), and reading it would run that code; ask its author",
    ),
    "a bare pickle": (
        lambda: Path("w.pth").write_bytes(pickle.dumps(Code(), protocol=2)),
        "error: w.pth holds more than",
    ),
    "a whole module": (
        lambda: torch.save(torch.nn.ReLU(), "w.pth"),
        "error: w.pth holds more than weights (torch.nn.",
    ),
    "no checkpoint": (
        lambda: Path("w.pth").write_text("hello"),
        "error: w.pth is not a checkpoint that can be read: ",
    ),
    "empty": (lambda: Path("w.pth").touch(), "error: w.pth is not a checkpoint that can be read: "),
    "a number": (lambda: torch.save(3, "w.pth"), "error: w.pth has no weights by name; "),
    "no tensors": (
        lambda: torch.save({"params": {"a": 1}}, "w.pth"),
        "error: w.pth has no weights by name; ",
    ),
    "none": (lambda: None, "error: no file 'w.pth'; "),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_checkpoint_is_a_line(name, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, message = UNREADABLE[name]
    make()
    line = refused(run, "w.pth", *KEYS)
    assert line.startswith(message), line
    assert not os.path.exists("pwned")


USAGE = {
    "an unknown network": (["--network", "uent"], "", "unknown network 'uent'; "),
    "an unknown key": ([*KEYS[:2], "--set", "widht=[4]"], "", "unknown key 'widht'; did you mean 'widths'?"),
    "a wrong key": ([*KEYS[:2], "--set", "widths=4"], "", "widths: "),
    "keys of no network": (["--set", "widths=[4]"], "", "keys of a network are given, but no network; "),
    "two networks": (
        ["--network", "face_multitask", "--map", "m.toml"],
        MAP,
        "m.toml says face_multitask_unet; ",
    ),
    "a wrong line": (
        ["--map", "m.toml"],
        "\n[network]\ntype = 'face_multitask_unet'\nwidths = 4\n",
        "m.toml:4: ",
    ),
    "an unknown table": (
        ["--map", "m.toml"],
        "[kyes]\n",
        "m.toml: unknown key 'kyes'; a map has [network] and [keys]",
    ),
    "no table": (["--map", "m.toml"], "keys = 3\n", "m.toml: keys is not a table; write [keys]"),
    "no text": (["--map", "m.toml"], "[keys]\na = 3\n", "m.toml: [keys] 'a' is not text; "),
    "an idle name": (
        [*KEYS, "--map", "m.toml"],
        "[keys]\n'gone.' = 'x.'\n",
        "begins with, 'gone.'; fix [keys]",
    ),
    "one name for two": (
        [*KEYS, "--map", "m.toml"],
        "[keys]\n'start.bias' = 'start.weight'\n",
        "two keys would be called 'start.weight'; fix [keys]",
    ),
    "a map of terabytes": (["--map", "m.toml"], "a = " + "[" * 5000, "m.toml: nested more than 32 deep; "),
    "a name that is a path": ([*KEYS, "--name", "../x"], "", "name is a path; give another"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_wrong_use_is_a_line(name, run, weights):
    arguments, text, message = USAGE[name]
    torch.save(weights, "w.pth")
    if text:
        Path("m.toml").write_text(text)
    assert message in refused(run, "w.pth", *arguments)


def test_weights_that_nobody_recognises_need_a_network(run, weights):
    torch.save({"x": torch.ones(1)}, "w.pth")
    assert "--network" in refused(run, "w.pth")


def test_two_networks_that_recognise_the_same_weights_are_named(run, weights, monkeypatch):
    for name in ("face_multitask", "face_multitask_unet"):
        cls = registry("network").get(name)
        monkeypatch.setattr(cls, "recognise", classmethod(lambda cls, tensors: (cls(), {})))
    torch.save(weights, "w.pth")
    line = refused(run, "w.pth")
    assert "several networks recognise these weights: face_multitask, face_multitask_unet; choose" in line


def test_a_network_may_refuse_what_is_its_own(run, weights, monkeypatch):
    def recognise(tensors):
        raise RestorekitError("these are of version 1", "convert them")

    monkeypatch.setattr(registry("network").get("face_multitask"), "recognise", recognise)
    torch.save({"x": torch.ones(1)}, "w.pth")
    assert refused(run, "w.pth") == "error: these are of version 1; convert them"
