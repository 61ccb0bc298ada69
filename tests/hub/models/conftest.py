"""A tiny bundle, and processes that run command lines against a Hub."""

import json
import os
import subprocess
import sys

import pytest
import torch

from restorekit import load_recipe
from restorekit.bundle import save_bundle
from restorekit.export import add_graph

RECIPE = """\
schema = 1
name = "tiny"
[data]
train = { type = "hub", repo = "a/faces" }
size = 32
license = "CC0"
[[degradation]]
type = "trajectory_blur"
[network]
type = "face_multitask_unet"
widths = [4, 8]
blocks = [0, 0]
[[task]]
type = "image"
[[loss]]
type = "vgg19"
weights = "secret/vgg.safetensors"
[[stage]]
steps = 1
losses = ["vgg19"]
"""
# Runs command lines one after the other, and says of each its status, stdout and stderr as JSON. The client's waits
# between its trials are left out; a command line that begins with "full" finds a full disk.
COMMANDS = """
import contextlib, errno, io, json, sys, time
from huggingface_hub import file_download
from restorekit.cli import main

time.sleep = lambda seconds: None
download = file_download.http_get

class Full:
    def __init__(self, file): self.file = file
    def write(self, data):
        self.file.write(data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

for arguments in json.load(sys.stdin):
    full = arguments[0] == "full"
    file_download.http_get = (lambda url, file, **more: download(url, Full(file), **more)) if full else download
    sys.argv = ["restorekit", *arguments[full:]]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    print(json.dumps([status, out.getvalue(), err.getvalue()]))
"""


@pytest.fixture(scope="session")
def begin():
    """Begin a process that runs command lines against a Hub, with its own home."""
    return _begin


def _begin(endpoint, home, commands, **env):
    near = {
        "HF_ENDPOINT": endpoint,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(home),
        "HF_HUB_VERBOSITY": "error",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", COMMANDS],
        env=os.environ | near | env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(commands))
    process.stdin.close()
    return process


@pytest.fixture(scope="session")
def ended():
    """Wait for such a process, and give what each command said: (status, stdout, stderr)."""
    return _ended


def _ended(process):
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait() == 0, err
    return [tuple(json.loads(line)) for line in out.splitlines()]


@pytest.fixture(scope="session")
def run():
    """Begin and wait."""
    return lambda *arguments, **env: _ended(_begin(*arguments, **env))


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """A tiny bundle with its graph in a run directory."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "r.toml").write_text(RECIPE)
    recipe = load_recipe(folder / "r.toml")
    torch.manual_seed(1)
    module = recipe.network.build(recipe.tasks)
    for parameter in module.parameters():  # untrained, it gives back what it is given
        parameter.data += 0.05 * torch.randn_like(parameter)
    metrics = {"psnr": 30.125, "psnr_input": 25.0}
    save_bundle(folder / "run" / "bundle", recipe, module, metrics=metrics, steps=7)
    add_graph(folder / "run" / "bundle")
    return folder / "run" / "bundle"
