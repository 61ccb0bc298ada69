"""What ``restorekit export`` writes agrees with torch, and what does not agree is not left behind."""

import json
import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import onnx
import pytest
import torch
from torch import nn

import restorekit
from restorekit import Network, load_restorer, plugins
from restorekit.cli import main
from restorekit.errors import RestorekitError
from restorekit.export import SIZES, export_onnx
from restorekit.restore.onnx import OnnxRestorer

UNET = 'type = "face_multitask_unet"\nwidths = [8, 8]\nblocks = [1, 1]'
PAPER = 'type = "face_multitask"\nchannels = 8\nblocks = 1\nscales = 3'


@dataclass(frozen=True)
class Odd(Network):
    """A network that an exporter takes for another."""

    scales: ClassVar[int] = 1
    size_multiple: ClassVar[int] = 1

    fault: str = "none"

    def build(self, tasks):
        return OddModule(self.fault)


class OddModule(nn.Module):
    def __init__(self, fault):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))
        self.fault = fault

    def forward(self, inputs):
        image = inputs["image"][-1]
        if self.fault == "constant":
            image = image + image.shape[-1] * 1.0 if not torch.compiler.is_compiling() else image
        if self.fault == "large":
            image = image * 1e6 * 1e-6
        if self.fault == "small" and (torch.onnx.is_in_onnx_export() or image.shape[-1] >= 24):
            image = image * 0.5
        if self.fault == "values":
            image = image * 2 if image.mean() > 2 else image
        return {"image": [image * self.gain]}


@pytest.fixture
def odd(tmp_path, monkeypatch, make_bundle):
    """Make a bundle of the odd network with a fault."""
    host = plugins.host.__wrapped__()
    host.registries["network"].add("odd", Odd, "tests")
    monkeypatch.setattr(plugins, "host", lambda: host)
    return lambda fault="none": make_bundle(tmp_path, f'type = "odd"\nfault = "{fault}"')


@pytest.fixture(scope="module")
def wide_half(tmp_path_factory, make_bundle):
    """A bundle whose weights outweigh its graph, its file in fp16, and what the check found."""
    folder = tmp_path_factory.mktemp("half")
    bundle = make_bundle(folder, 'type = "face_multitask_unet"\nwidths = [48, 64]\nblocks = [1, 1]')
    return bundle, folder / "out.onnx", export_onnx(bundle, folder / "out.onnx", half=True)


@pytest.mark.parametrize(
    ("network", "half"),
    [(UNET, False), (PAPER, True), (PAPER + '\npadding = "reflect"', False)],
    ids=["unet", "paper half", "paper reflect"],
)
def test_both_generators_agree_with_torch_at_any_size(tmp_path, make_bundle, network, half):
    folder, file = make_bundle(tmp_path, network), tmp_path / "out.onnx"
    agree(folder, file, export_onnx(folder, file, half=half), half)


def test_the_unet_in_half_precision_agrees_with_torch_at_any_size(wide_half):
    agree(*wide_half, half=True)


def agree(folder, file, checks, half):
    assert [(check.pictures, check.height, check.width) for check in checks] == list(SIZES)
    exported, trained = load_restorer(file), load_restorer(folder, "cpu")
    for shape in ((1, 24, 24, 3), (3, 61, 45, 3), (1, 33, 128, 3)):
        images = np.random.default_rng(2).random(shape, np.float32)
        change = trained.restore_arrays(images)
        assert np.abs(change - images).max() > 0.02  # or there would be nothing to compare
        assert np.abs(exported.restore_arrays(images) - change).max() < (1 / 255 if half else 1e-5)


def test_half_is_half_as_large_and_takes_float32(wide_half):
    bundle, file, _ = wide_half
    assert 0.4 < file.stat().st_size / (bundle / "model.safetensors").stat().st_size < 0.6
    graph = onnx.load(file).graph
    for end in (*graph.input, *graph.output):
        assert end.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert any(each.data_type == onnx.TensorProto.FLOAT16 for each in graph.initializer)


def test_batch_height_and_width_are_free_and_nothing_else_is(shipped):
    (ours,) = onnx.load(shipped).graph.input
    dims = ours.type.tensor_type.shape.dim
    assert [dim.dim_value for dim in dims] == [0, 3, 0, 0]
    assert len({dim.dim_param for dim in dims}) == 4


def test_all_that_a_restorer_needs_is_in_the_file(shipped):
    (entry,) = onnx.load(shipped).metadata_props
    assert entry.key == "restorekit"
    model = load_restorer(None, "cpu")
    found = json.loads(entry.value)
    assert found.pop("pixel_memory") == model.footprint.pixel_memory
    assert found == {
        "format": 1,
        "restorekit": restorekit.__version__,
        "name": "kernel-unet",
        "license": model.license,
        "geometry": model.footprint.geometry,
        "size_multiple": 16,
        "scales": 1,
        "margin": model.footprint.margin,
        "half": False,
        "task": "image",
        "scale": 1,
        "tile": 384,
        "least": 32,
        "bundle": "",
    }


def test_nothing_tells_where_it_was_made(shipped):
    data = shipped.read_bytes()
    for told in (str(shipped.parent), restorekit.__file__.rpartition("/")[0], "site-packages"):
        assert told.encode() not in data


@pytest.mark.parametrize(
    ("fault", "half", "words"),
    [
        ("constant", False, "from torch, more than 1.0e-04"),
        ("large", True, "export it without half=true"),
        ("values", False, "cannot be exported"),
    ],
)
def test_a_model_that_does_not_agree_is_not_left_behind(odd, tmp_path, fault, half, words):
    folder = odd(fault)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RestorekitError, match=words) as raised:
        export_onnx(folder, out / "a.onnx", half=half)
    assert "\n" not in str(raised.value)
    assert not list(out.iterdir())


def test_a_model_that_broke_on_the_way_does_not_replace_a_good_one(odd, tmp_path, monkeypatch):
    file = tmp_path / "a.onnx"
    file.write_bytes(b"good")
    monkeypatch.setattr(OnnxRestorer, "restore_arrays", lambda self, images: images * np.nan)
    with pytest.raises(RestorekitError, match="nan"):
        export_onnx(odd(), file, overwrite=True)
    assert file.read_bytes() == b"good"


def test_pictures_that_the_network_leaves_alone_never_reach_the_graph(odd, tmp_path):
    export_onnx(odd("small"), tmp_path / "a.onnx")
    restorer = OnnxRestorer.read(tmp_path / "a.onnx")
    assert restorer.metadata.least == 24
    for side, gain in ((16, 1), (23, 1), (24, 0.5), (60, 0.5)):
        images = np.random.default_rng(0).random((1, side, 60, 3), np.float32)
        assert np.allclose(restorer.restore_arrays(images), images * gain)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Run ``restorekit export`` in ``tmp_path``; gives (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "export", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def test_the_command_prints_the_checks_and_says_what_it_wrote(odd, command, tmp_path):
    status, out, err = command(str(odd()), "a.onnx")
    assert status == 0
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        "1 x 128 x 128",
        "2 x 131 x 97",
        "1 x 50 x 301",
    ]
    assert out.count("from torch") == 3
    assert err == f"wrote a.onnx, {(tmp_path / 'a.onnx').stat().st_size / 1e6:.1f} MB\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("kernel-unet", "there.onnx"), "there.onnx: already exists; give --overwrite"),
        (("kernel-unet", "a.pt"), "a.pt: is not the name of an ONNX file; end it in .onnx"),
        (("nothing", "a.onnx"), "no model 'nothing'"),
        (("nothing",), "no model 'nothing'"),
        (("kernel-unet", "--half"), "--half is for a file of its own; name OUT.onnx"),
    ],
    ids=["exists", "ending", "model", "bundle", "half"],
)
def test_what_is_wrong_is_said_in_a_line(command, tmp_path, arguments, words):
    (tmp_path / "there.onnx").touch()
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and words in err
    assert [path.name for path in tmp_path.iterdir()] == ["there.onnx"]


@pytest.mark.parametrize("missing", ["onnx", "onnxscript"])
def test_a_missing_extra_is_named(command, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    words = f"error: export needs {missing}; pip install 'restorekit[onnx]'\n"
    assert command("kernel-unet", "a.onnx") == (2, "", words)
    assert command("kernel-unet") == (2, "", words)
