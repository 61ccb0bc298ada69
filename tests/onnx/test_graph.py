"""A bundle's graph: its weights are those of the bundle's own file, and it restores without torch."""

import json
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import load_file, save_file

from restorekit import RestorekitError, load_restorer
from restorekit.bundle import GRAPH, WEIGHTS, find_bundle
from restorekit.cli import main
from restorekit.export import add_graph
from restorekit.hub import publish
from restorekit.images import read_rgb, write_rgb
from restorekit.restore import load
from restorekit.restore.onnx import OnnxRestorer
from restorekit.restore.onnx_session import provider, session
from restorekit.restore.restorer import NetworkRestorer

UNET = 'type = "face_multitask_unet"\nwidths = [8, 8]\nblocks = [1, 1]'

BARE = """
import sys
for name in ("torch", "timm", "albumentations", "scipy", "skimage", "onnx", "onnxscript"):
    sys.modules[name] = None
from restorekit.cli import main
sys.argv[0] = "restorekit"
main()
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory, make_bundle):
    """A bundle with fp16 weights and a graph, and what its check found."""
    folder = tmp_path_factory.mktemp("graph")
    bundle = make_bundle(folder, UNET, more="[train]\nhalf = true\n")
    return bundle, add_graph(bundle)


@pytest.fixture
def bundle(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made[0], tmp_path / "bundle")


def bare(folder, *arguments):
    """Run a command line where nothing of the extra ``train`` is installed."""
    return subprocess.run(
        [sys.executable, "-c", BARE, *map(str, arguments)], capture_output=True, text=True, cwd=folder
    )


def test_it_is_small_and_agrees_with_torch(made):
    bundle, checks = made
    assert max(check.difference for check in checks) < 1e-5
    assert (bundle / GRAPH).stat().st_size < 60_000
    assert load_file(bundle / WEIGHTS)["start.weight"].dtype == np.float16
    graph = onnx.load(bundle / GRAPH, load_external_data=False).graph
    outside = [each for each in graph.initializer if each.data_location == onnx.TensorProto.EXTERNAL]
    assert {each.external_data[0].value for each in outside} == {WEIGHTS}
    assert sum(len(each.raw_data) for each in graph.initializer) < 1000


def test_other_programs_read_it_as_it_lies_there(made):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(made[0] / GRAPH, providers=["CPUExecutionProvider"])
    images = np.random.default_rng(0).random((1, 32, 48, 3), np.float32)
    (restored,) = session.run(None, {"images": np.ascontiguousarray(images.transpose(0, 3, 1, 2))})
    ours = load_restorer(made[0], "cpu", "torch").restore_arrays(images)
    assert np.abs(restored.transpose(0, 2, 3, 1) - ours).max() < 1e-5


def test_both_engines_restore_a_picture_alike(made):
    noise = np.random.default_rng(1).integers(0, 256, (61, 45, 3), np.uint8)
    onnx_engine, torch_engine = (load_restorer(made[0], "cpu", engine) for engine in ("onnx", "torch"))
    assert isinstance(onnx_engine, OnnxRestorer) and isinstance(torch_engine, NetworkRestorer)
    for fact in ("name", "license", "footprint"):
        assert getattr(onnx_engine, fact) == getattr(torch_engine, fact), fact
    assert np.abs(onnx_engine(noise).astype(int) - torch_engine(noise)).max() <= 1
    assert not np.array_equal(onnx_engine(noise), noise)


def test_it_restores_where_there_is_no_torch(bundle, tmp_path):
    write_rgb(tmp_path / "a.png", np.random.default_rng(1).integers(0, 256, (40, 52, 3), np.uint8))
    done = bare(tmp_path, "restore", "a.png", "-o", "b.png", "--model", "bundle")
    assert (done.returncode, done.stdout) == (0, "a.png -> b.png\n"), done.stderr
    assert (tmp_path / "b.png").exists()
    refused = bare(tmp_path, "restore", "a.png", "-o", "c.png", "--model", "bundle", "--engine", "torch")
    assert refused.returncode == 2
    assert refused.stderr == "error: the engine torch needs torch; pip install 'restorekit[train]'\n"
    (bundle / GRAPH).unlink()
    refused = bare(tmp_path, "restore", "a.png", "-o", "c.png", "--model", "bundle")
    words = "model tiny has no graph, so it needs torch; pip install 'restorekit[train]'"
    assert (refused.returncode, refused.stderr) == (2, f"error: {words}\n")
    assert not (tmp_path / "c.png").exists()


def test_a_bundle_without_one_is_run_by_torch(bundle):
    (bundle / GRAPH).unlink()
    assert isinstance(load_restorer(bundle, "cpu"), NetworkRestorer)
    with pytest.raises(RestorekitError, match="has no graph for the engine 'onnx'; restorekit export"):
        load_restorer(bundle, "cpu", "onnx")


@pytest.mark.parametrize(
    ("device", "has_gpu", "engine"),
    [
        ("auto", False, OnnxRestorer),
        ("auto", True, NetworkRestorer),
        ("cpu", True, OnnxRestorer),
    ],
)
def test_torch_is_taken_where_it_has_a_gpu(made, monkeypatch, device, has_gpu, engine):
    monkeypatch.setattr(load, "gpu_at_hand", lambda: has_gpu)
    for name in (None, "auto"):
        assert isinstance(load_restorer(made[0], device, name), engine)


def test_the_shipped_model_has_one(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (40, 52, 3), np.uint8)
    write_rgb(tmp_path / "a.png", noise)
    done = bare(tmp_path, "deblur", "--faces", "off", "a.png", "-o", "b.png")
    assert done.returncode == 0, done.stderr
    by_torch = load_restorer(None, "cpu", "torch")
    assert np.abs(read_rgb(tmp_path / "b.png").astype(int) - by_torch(noise)).max() <= 1
    by_graph = load_restorer(None, "cpu", "onnx")
    for side in (16, 24, 33):  # smaller than some networks restore
        small = noise[:side]
        assert np.abs(by_graph(small).astype(int) - by_torch(small)).max() <= 1
    assert (find_bundle(None) / GRAPH).stat().st_size < 2**18


def altered(bundle, change):
    """Change the first tensor of a graph that lies in the weights."""
    model = onnx.load(bundle / GRAPH, load_external_data=False)
    tensor = next(each for each in model.graph.initializer if each.external_data)
    change(tensor, {each.key: each for each in tensor.external_data})
    (bundle / GRAPH).write_bytes(model.SerializeToString())


def elsewhere(tensor, told):
    told["location"].value = "../secret"


def absolute(tensor, told):
    told["location"].value = "/etc/passwd"


def wrong_offset(tensor, told):
    told["offset"].value = str(int(told["offset"].value) + 2)


def beyond(tensor, told):
    told["offset"].value = str(2**40)


def wrong_length(tensor, told):
    told["length"].value = "2"


def nowhere(tensor, told):
    del tensor.external_data[:]


def other_shape(tensor, told):
    tensor.dims[0] += 1


def other_type(tensor, told):
    tensor.data_type = onnx.TensorProto.BFLOAT16


def other_name(tensor, told):
    tensor.name = "weights/none"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (elsewhere, "a tensor lies in another file, '../secret'"),
        (absolute, "a tensor lies in another file, '/etc/passwd'"),
        (wrong_offset, "does not lie where it says"),
        (beyond, "does not lie where it says"),
        (wrong_length, "does not lie where it says"),
        (nowhere, "a tensor lies in another file, None"),
        (other_shape, "has another shape or type"),
        (other_type, "has another shape or type"),
        (other_name, "the weights have no 'weights/none'"),
    ],
)
def test_a_graph_that_points_elsewhere_is_refused_in_a_line(bundle, change, words):
    altered(bundle, change)
    refused(bundle, words)


def refused(bundle, words):
    with pytest.raises(RestorekitError, match="model.onnx cannot be used") as raised:
        load_restorer(bundle, "cpu", "onnx")
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_a_tensor_inside_a_node_may_not_lie_elsewhere_either(bundle):
    model = onnx.load(bundle / GRAPH, load_external_data=False)
    hidden = onnx.TensorProto(data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)
    hidden.external_data.add(key="location", value="secret")
    branch = onnx.helper.make_graph([onnx.helper.make_node("Constant", [], ["v"], value=hidden)], "g", [], [])
    model.graph.node.add(op_type="If").attribute.add(name="then_branch", type=5, g=branch)
    (bundle / GRAPH).write_bytes(model.SerializeToString())
    refused(bundle, "a tensor lies in another file, 'secret'")


def test_a_graph_of_other_weights_is_refused(bundle):
    weights = load_file(bundle / WEIGHTS)
    weights["start.weight"] = weights["start.weight"] + np.float16(0.01)
    save_file(weights, bundle / WEIGHTS)
    refused(bundle, "was made of other weights, or of another network")


def test_a_graph_of_another_network_is_refused(bundle):
    config = json.loads((bundle / "config.json").read_text())
    config["tasks"].pop()
    (bundle / "config.json").write_text(json.dumps(config))
    refused(bundle, "was made of other weights, or of another network")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\xff" * 40, b"\x3a\xff\xff\xff\xff\x0f", b"\x38\x01", b"\x72\x05\x08\x01", b"\x0b" * 9],
    ids=range(7),
)
def test_what_is_no_graph_is_refused(bundle, data):
    (bundle / GRAPH).write_bytes(data)
    refused(bundle, "")


def test_cut_short_it_is_refused(bundle):
    data = (bundle / GRAPH).read_bytes()
    for length in (1, 100, len(data) // 2, len(data) - 1):
        (bundle / GRAPH).write_bytes(data[:length])
        refused(bundle, "")


def test_the_command_makes_it_again(bundle, monkeypatch, capsys):
    before = (bundle / GRAPH).read_bytes()
    (bundle / GRAPH).write_bytes(b"spoilt")
    monkeypatch.setattr(sys, "argv", ["restorekit", "export", str(bundle)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    out, err = capsys.readouterr()
    assert (
        out.count("from torch") == 3 and err.startswith(f"wrote {bundle / GRAPH}, ") and err.endswith(" KB\n")
    )
    assert (bundle / GRAPH).read_bytes() == before
    assert isinstance(load_restorer(bundle, "cpu"), OnnxRestorer)


def test_it_is_published_if_it_belongs_to_the_bundle(bundle):
    upload = publish.prepare(bundle, "cc0-1.0")
    assert upload.sizes[GRAPH] == (bundle / GRAPH).stat().st_size
    assert list(upload.sizes)[-2:] == [GRAPH, WEIGHTS]
    altered(bundle, wrong_offset)
    with pytest.raises(RestorekitError, match="does not lie where it says"):
        publish.prepare(bundle, "cc0-1.0")


def _steps(kind):
    """A graph of one step that never ends, has branches, or unfolds to 2**40 steps."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy")
    true, many = (
        helper.make_tensor(name, kind, [], [value])
        for name, kind, value in (("true", TensorProto.BOOL, 1), ("many", TensorProto.INT64, 10**12))
    )
    inner = helper.make_node("Identity", ["x"], ["z"])
    branch = helper.make_graph([inner], "branch", [], [helper.make_tensor_value_info("z", 1, None)])
    turn = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["again"]), helper.make_node("Identity", ["v"], ["w"])],
        "turn",
        [
            helper.make_tensor_value_info(name, kind, shape)
            for name, kind, shape in (("i", 7, []), ("on", 9, []), ("v", 1, None))
        ],
        [helper.make_tensor_value_info("again", 9, []), helper.make_tensor_value_info("w", 1, None)],
    )
    node = {
        "loop": helper.make_node("Loop", ["many", "true", "x"], ["y"], body=turn),
        "branches": helper.make_node("If", ["true"], ["y"], then_branch=branch, else_branch=branch),
        "functions": helper.make_node("F40", ["x"], ["y"], domain="own"),
        "straight": helper.make_node("Identity", ["x"], ["y"]),
    }[kind]
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function("own", "F0", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])], opsets)
    ]
    for number in range(1, 41):
        twice = [
            helper.make_node(f"F{number - 1}", [a], [b], domain="own") for a, b in (("x", "t"), ("t", "y"))
        ]
        functions.append(helper.make_function("own", f"F{number}", ["x"], ["y"], twice, opsets))
    graph = helper.make_graph([node], "g", [x], [y], [true, many])
    model = helper.make_model(
        graph, opset_imports=opsets, functions=functions if kind == "functions" else (), ir_version=9
    )
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("kind", "said"),
    [("loop", "loops or branches"), ("branches", "loops or branches"), ("functions", "functions of its own")],
)
def test_each_step_of_a_graph_is_taken_once(kind, said):
    with pytest.raises(RestorekitError, match=said):
        session(_steps(kind), "a.onnx", provider("cpu"), None)


def test_a_straight_graph_runs():
    assert session(_steps("straight"), "a.onnx", provider("cpu"), None).get_inputs()[0].name == "x"
