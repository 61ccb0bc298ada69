"""The page's command for several machines: two of them, each with a torchrun of its own, train as one process does."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
RECIPE = """\
schema = 1
name = "nodes"
[data]
train = { type = "samples" }
size = 16
batch = 4
workers = 0
[[degradation]]
type = "gaussian_noise"
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [1, 1]
[[task]]
type = "image"
[[loss]]
type = "l1"
[optim]
type = "sgd"
lr = 0.01
[train]
precision = "fp32"
save_every = 2
[[stage]]
steps = 3
losses = ["l1"]
"""


pytestmark = pytest.mark.nodes


@pytest.fixture
def launcher():
    """The page's torchrun for two machines of one process each, which meet at a free port of this one."""
    (line,) = re.findall(r"^torchrun (--nnodes .*?) \\\n +-m restorekit train", PAGE.read_text("utf-8"), re.M)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = f"127.0.0.1:{free.getsockname()[1]}"
    options = line.replace("--nproc-per-node 8", "--nproc-per-node 1").replace("HOST:29500", meeting)
    assert meeting in options and options.startswith("--nnodes 2 --nproc-per-node 1 ")
    return [sys.executable, "-m", "torch.distributed.run", *options.split(), "--local-addr", "127.0.0.1"]


def test_two_machines_train_one_model(launcher, tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    train = ["-m", "restorekit", "train", tmp_path / "recipe.toml", "--device", "cpu", "-o"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    nodes = [
        subprocess.Popen(
            [*launcher, *train, tmp_path / "two"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [node.communicate(timeout=280) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], said
    assert sum(out.count(str(tmp_path / "two" / "bundle")) for out, _ in said) == 1
    subprocess.run([sys.executable, *train, tmp_path / "one"], env=environment, check=True)
    one, two = (load_file(tmp_path / run / "bundle" / "model.safetensors") for run in ("one", "two"))
    assert one.keys() == two.keys() and len(one) > 10
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=1e-5)
