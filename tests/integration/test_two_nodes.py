"""The page's command for several machines: two of them, each with a torchrun of its own, train as one process does."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

PATIENCE = 600
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


pytestmark = [pytest.mark.nodes, pytest.mark.timeout(2 * PATIENCE)]


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


def ended(nodes):
    """Wait for all of them, or for the first that fails, as the launcher of another would wait for it for minutes."""
    until = time.monotonic() + PATIENCE
    while any(node.poll() is None for node in nodes) and not any(node.poll() for node in nodes):
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    status = [node.poll() for node in nodes]
    for node in nodes:
        node.kill()
        node.wait()
    return status


def test_two_machines_train_one_model(launcher, tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    train = ["-m", "restorekit", "train", tmp_path / "recipe.toml", "--device", "cpu", "-o"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    words, nodes = [tmp_path / "first", tmp_path / "second"], []
    for file in words:
        with file.open("wb") as said:
            command = [*launcher, *train, tmp_path / "two"]
            nodes.append(subprocess.Popen(command, env=environment, stdout=said, stderr=said))
    status, said = ended(nodes), [file.read_text() for file in words]
    assert status == [0, 0], "\n".join(said)
    assert sum(each.count(f"{tmp_path / 'two' / 'bundle'}\n") for each in said) == 1
    subprocess.run([sys.executable, *train, tmp_path / "one"], env=environment, check=True)
    one, two = (load_file(tmp_path / run / "bundle" / "model.safetensors") for run in ("one", "two"))
    assert one.keys() == two.keys() and len(one) > 10
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=1e-5)
