"""No command tells anybody of this machine: nothing is asked but the Hub, and that only for what was named."""

import json
import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from restorekit.graph import KEY
from restorekit.images import write_rgb
from restorekit.restore.onnx_metadata import OnnxMetadata

LIFE = 6
"""Seconds after which onnxruntime would have written its device id and its events."""

# Runs each command line given, then lives on; prints what was asked for by sockets, and when onnxruntime came.
CHILD = """
import json, os, sys, time
asked = []

def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        where = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[:2]
        asked.append(str(where))

sys.addaudithook(hook)
from restorekit.cli import main
statuses = []
for line in json.loads(sys.argv[1]):
    sys.argv = ["restorekit", *line]
    try:
        main()
        statuses.append(0)
    except SystemExit as ended:
        statuses.append(ended.code or 0)
time.sleep(float(os.environ["LIFE"]))
print(json.dumps({"asked": asked, "statuses": statuses, "onnxruntime": "onnxruntime" in sys.modules}))
"""


def lives(folder, *lines, life=0.0):
    """What a process that runs these commands asked for, and what it left in its home."""
    home = folder / "home"
    home.mkdir()
    ours = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "LIFE": str(life)}
    ours |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(folder / "hub"), "OMP_NUM_THREADS": "1"}
    kept = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps([list(map(str, line)) for line in lines])],
        capture_output=True, text=True, cwd=folder, env=kept | ours,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), sorted(file.name for file in home.rglob("*"))


@pytest.fixture
def model(tmp_path):
    """An ONNX file that gives back what it takes."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", "w"]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "graph", ends[:1], ends[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    facts = OnnxMetadata("0", "same", "CC0", None, 1, 1, 0, 64, half=False)
    helper.set_model_props(made, {KEY: facts.to_json()})
    file = tmp_path / "same.onnx"
    onnx.save(made, file)
    return file


def test_onnxruntime_tells_nobody_of_this_machine(tmp_path, model):
    write_rgb(tmp_path / "a.png", np.zeros((32, 32, 3), np.uint8))
    found, left = lives(
        tmp_path, ["deblur", "a.png", "-o", "b.png", "--model", model, "--faces", "off"], life=LIFE
    )
    assert found == {"asked": [], "statuses": [0], "onnxruntime": True}
    assert left == []


@pytest.mark.slow
def test_commands_ask_nobody(tmp_path):
    write_rgb(tmp_path / "a.png", np.zeros((32, 32, 3), np.uint8))
    found, left = lives(
        tmp_path, ["list"], ["models"], ["doctor"], ["show", "network", "face_multitask"],
        ["deblur", "a.png", "-o", "b.png", "--faces", "off"],
    )  # fmt: skip
    assert (found["asked"], found["statuses"]) == ([], [0] * 5)
    assert [name for name in left if "ort" in name.lower() or "microsoft" in name.lower()] == []


@pytest.mark.slow
def test_the_hub_alone_is_asked_for_a_model_of_the_hub(tmp_path):
    found, _ = lives(tmp_path, ["pull", "owner/name"])
    assert found["asked"] and set(found["asked"]) <= {
        "('127.0.0.1', 9)",
        "('127.0.0.1', '9')",
        "['127.0.0.1', 9]",
    }
