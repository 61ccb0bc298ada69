"""``--engine onnx``: pictures are deblurred without torch, and what is no model of ours costs a line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from restorekit import RestorekitError, load_restorer
from restorekit.cli import main
from restorekit.graph import KEY
from restorekit.images import read_rgb, write_rgb
from restorekit.restore.onnx import OnnxRestorer
from restorekit.restore.onnx_metadata import OnnxMetadata

BLURRED = Path(__file__).parents[2] / "docs" / "images" / "astronaut_blurred.png"
GOOD = {
    "format": 1,
    "restorekit": "0.1.0",
    "name": "sum",
    "license": "CC0",
    "geometry": None,
    "size_multiple": 1,
    "scales": 1,
    "margin": 0,
    "pixel_memory": 64,
    "half": False,
    "task": "image",
}
CHILD = """
import sys
from restorekit.cli import main
from restorekit.graph import KEY
sys.argv[0] = "restorekit"
try:
    main()
finally:
    print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
FREE = ["n", 3, "h", "w"]


def graph_of(*nodes, initializers=(), taken=FREE, given=FREE, kind=TensorProto.FLOAT):
    return helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info("x", kind, taken)],
        [helper.make_tensor_value_info("y", kind, given)],
        list(initializers),
    )


def model_of(graph, metadata=GOOD):
    """The bytes of a small model that doubles its input, or of ``graph``."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if metadata is not None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        helper.set_model_props(model, {KEY: text})
    return model.SerializeToString()


def doubling(**changes):
    return model_of(graph_of(helper.make_node("Add", ["x", "x"], ["y"])), {**GOOD, **changes})


def test_a_real_deblur_never_imports_torch(shipped, tmp_path):
    blurred = read_rgb(BLURRED)[40:168, 40:200]
    write_rgb(tmp_path / "a.png", blurred)
    arguments = (
        "deblur",
        "a.png",
        "-o",
        "b.png",
        "--faces",
        "off",
        "--model",
        str(shipped),
        "--engine",
        "onnx",
    )
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a.png -> b.png\n"
    imported = set(done.stderr.partition("imported:")[2].split())
    assert "onnxruntime" in imported and not {"torch", "onnx"} & imported
    restored = load_restorer(None, "cpu", "torch")(blurred)
    assert not np.array_equal(restored, blurred)
    assert np.abs(read_rgb(tmp_path / "b.png").astype(int) - restored).max() <= 1


def test_the_ending_of_the_model_implies_the_engine(shipped):
    assert isinstance(load_restorer(shipped), OnnxRestorer)
    assert isinstance(load_restorer(shipped, engine="onnx"), OnnxRestorer)


def test_it_restores_tensors_and_says_what_it_is(shipped):
    restorer, ours = load_restorer(shipped), load_restorer(None, "cpu", "torch")
    for fact in ("name", "license", "footprint"):
        assert getattr(restorer, fact) == getattr(ours, fact), fact
    images = torch.rand(2, 3, 19, 40, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(restorer.restore(images), ours.restore(images), atol=1e-5)
    assert restorer.careful() is None and restorer.free_memory() is None


@pytest.mark.parametrize("multiple", [1, 16, 64])
def test_pictures_are_widened_to_the_multiple_and_cropped_back(multiple):
    restorer = OnnxRestorer(doubling(size_multiple=multiple), "x.onnx", "cpu")
    images = np.random.default_rng(1).random((2, 17, 40, 3), np.float32)
    assert np.array_equal(restorer.restore_arrays(images), images * 2)


@pytest.fixture
def deblur(monkeypatch, capsys, tmp_path):
    """Run ``restorekit deblur a.png --model ...`` in ``tmp_path``; gives (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    write_rgb("a.png", np.zeros((16, 16, 3), np.uint8))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "deblur", "a.png", "-o", "b.png", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "m.onnx: no such file"),
        (b"", "m.onnx: is not an ONNX model"),
        (b"not a model\n" * 9, "m.onnx: is not an ONNX model"),
        (doubling()[:200], "m.onnx: is not an ONNX model"),
        (model_of(graph_of(helper.make_node("Add", ["x", "x"], ["y"])), None), "but not one of restorekit"),
        (model_of(graph_of(helper.make_node("Evil", ["x"], ["y"], domain="x"))), "is not an ONNX model"),
        (doubling(format=2), "format 2, where this version reads 1"),
    ],
    ids=["missing", "empty", "text", "truncated", "not ours", "unknown operator", "format"],
)
def test_what_is_no_model_of_ours_costs_a_line(deblur, tmp_path, content, words):
    if content is not None:
        (tmp_path / "m.onnx").write_bytes(content)
    status, out, err = deblur("--engine", "onnx", "--model", "m.onnx")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith("error: ") and words in err
    assert not (tmp_path / "b.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--engine", "torch", "--model", "m.onnx"), "is a file for the engine 'onnx'"),
        (("--engine", "jax"), "no engine 'jax'; give auto or torch or onnx"),
        (("--model", "m.onnx", "--device", "mps"), "no device 'mps' here"),
        (("--model", "m.onnx", "--device", "cpu:0"), "no device 'cpu:0' here"),
    ],
    ids=["torch", "unknown", "device", "numbered"],
)
def test_what_does_not_go_together_costs_a_line(deblur, tmp_path, arguments, words):
    (tmp_path / "m.onnx").write_bytes(doubling())
    status, out, err = deblur(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and words in err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size_multiple": 0}, "size_multiple"),
        ({"size_multiple": 10**9}, "size_multiple"),
        ({"size_multiple": True}, "size_multiple"),
        ({"scales": 99}, "scales"),
        ({"margin": -1}, "margin"),
        ({"margin": 1e3}, "margin"),
        ({"least": 0}, "least"),
        ({"bundle": 7}, "bundle is not one line of text"),
        ({"pixel_memory": 0}, "pixel_memory"),
        ({"geometry": [1]}, "geometry"),
        ({"name": "../../x"}, "name is a path"),
        ({"name": "two\nlines"}, "name is not one line of text"),
        ({"license": "x" * 2000}, "license is not one line of text"),
        ({"task": "gradient"}, "gradient"),
        ({"more": 1}, "more"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_metadata_is_bounded(changes, words):
    with pytest.raises(RestorekitError, match=words) as raised:
        OnnxRestorer(doubling(**changes), "x.onnx", "cpu")
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 400


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "[" * 100_000, json.dumps({**GOOD, "x": "y" * 2**21})], ids=range(6)
)
def test_metadata_that_is_no_description_is_refused(text):
    with pytest.raises(ValueError):
        OnnxMetadata.from_json(text)


@pytest.mark.parametrize(
    "graph",
    [
        graph_of(
            helper.make_node("Add", ["x", "x"], ["y"]), taken=["n", 1, "h", "w"], given=["n", 1, "h", "w"]
        ),
        graph_of(helper.make_node("Add", ["x", "x"], ["y"]), taken=["n"], given=["n"]),
        graph_of(helper.make_node("Add", ["x", "x"], ["y"]), kind=TensorProto.DOUBLE),
    ],
    ids=["grey", "vector", "double"],
)
def test_a_graph_of_other_ends_is_refused(graph):
    with pytest.raises(RestorekitError, match="does not map N,3,H,W float32"):
        OnnxRestorer(model_of(graph), "x.onnx", "cpu")


def test_a_graph_that_changes_the_size_is_refused():
    graph = graph_of(helper.make_node("Concat", ["x", "x"], ["y"], axis=2), given=["n", 3, "h2", "w"])
    with pytest.raises(RestorekitError, match="its graph gives"):
        OnnxRestorer(model_of(graph), "x.onnx", "cpu").restore_arrays(np.zeros((1, 16, 16, 3), np.float32))


def test_a_file_does_not_draw_in_other_files(tmp_path, monkeypatch):
    """ONNX may keep weights in files beside it, which a file from somebody else could name at will."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(b"\0" * 4)
    weight = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="secret")
    graph = graph_of(helper.make_node("Add", ["x", "w"], ["y"]), initializers=[weight])
    (tmp_path / "m.onnx").write_bytes(model_of(graph))
    with pytest.raises(RestorekitError, match="m.onnx: is not an ONNX model that can be used"):
        load_restorer(tmp_path / "m.onnx")


@pytest.mark.parametrize("threads", ["9" * 20, "0", "4,2", "many"])
def test_any_wish_for_threads_loads_a_model(threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert load_restorer(None, "cpu", "onnx").footprint.scale == 1
